using System.Globalization;
using System.Text;
using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>Reads and checks one declared field.</summary>
internal sealed class FieldRule
{
    private readonly (byte[] Utf8, Value Value)[] _enumeration;
    private readonly decimal? _least;
    private readonly decimal? _most;

    public FieldRule(Field field, int target)
    {
        Field = field;
        Target = target;
        Utf8Name = Encoding.UTF8.GetBytes(field.Parent is { } parent ? field.Name[(parent.Length + 1)..] : field.Name);
        (_least, _most) = (Exact(field.Minimum), Exact(field.Maximum));
        _enumeration = [.. field.Enumeration.Select(value => (value.Kind == ValueKind.String ? Encoding.UTF8.GetBytes(value.String) : [], value))];
    }

    public Field Field { get; }

    /// <summary>The member's name within the object that holds it.</summary>
    public byte[] Utf8Name { get; }

    /// <summary>The index of the column that wants the value; -1 for none.</summary>
    public int Target { get; }

    /// <summary>Reads the value at the reader, which is not null.</summary>
    public Violation? Read(ref Utf8JsonReader reader, out Value value)
    {
        if (_enumeration.Length > 0 && reader.TokenType == JsonTokenType.String && Field.Type == ValueKind.String)
            return ReadEnumerated(ref reader, out value);
        var violation = Read(ref reader, Field.Type, out value);
        if (violation is not null) return violation;
        if (_enumeration.Length > 0 && !IsAllowed(value)) return NotAllowed(value);
        return CheckBounds(value);
    }

    private Violation? Read(ref Utf8JsonReader reader, ValueKind kind, out Value value) => kind switch
    {
        ValueKind.Integer => ReadInteger(ref reader, out value),
        ValueKind.Number => ReadNumber(ref reader, out value),
        ValueKind.Decimal => ReadDecimal(ref reader, out value),
        ValueKind.Boolean => ReadBoolean(ref reader, out value),
        ValueKind.String => ReadText(ref reader, out value),
        ValueKind.Timestamp => ReadTimestamp(ref reader, out value),
        ValueKind.Date => ReadDate(ref reader, out value),
        ValueKind.Array => ReadArray(ref reader, out value),
        ValueKind.Object => ReadObject(ref reader, out value),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // An enumerated string is one of a few: no need to make it anew for each event.
    private Violation? ReadEnumerated(ref Utf8JsonReader reader, out Value value)
    {
        foreach (var (utf8, allowed) in _enumeration)
        {
            value = allowed;
            if (reader.ValueTextEquals(utf8)) return null;
        }
        return ReadText(ref reader, out value) ?? NotAllowed(value);
    }

    private Violation? ReadInteger(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.Number) return Mismatch(ref reader, "an integer");
        if (reader.TryGetInt64(out var integer))
        {
            value = Value.Of(integer);
            return null;
        }
        // 10.0 and 1e3 are whole numbers too.
        if (!ExactDecimal.TryParse(reader.ValueSpan, out var exact) || exact != decimal.Truncate(exact))
            return Mismatch(ref reader, "an integer of 64 bits");
        if (exact is < long.MinValue or > long.MaxValue) return OutOfRange(ref reader, "an integer of 64 bits");
        value = Value.Of((long)exact);
        return null;
    }

    private Violation? ReadNumber(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.Number) return Mismatch(ref reader, "a number");
        if (!reader.TryGetDouble(out var number) || !double.IsFinite(number)) return OutOfRange(ref reader, "a finite double");
        value = Value.Of(number);
        return null;
    }

    private Violation? ReadDecimal(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.Number) return Mismatch(ref reader, "a decimal number");
        if (!ExactDecimal.TryParse(reader.ValueSpan, out var exact)) return OutOfRange(ref reader, "an exact decimal of at most 28 digits");
        value = Value.Of(exact);
        return null;
    }

    private Violation? ReadBoolean(ref Utf8JsonReader reader, out Value value)
    {
        value = Value.Of(reader.TokenType == JsonTokenType.True);
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? null : Mismatch(ref reader, "true or false");
    }

    private Violation? ReadText(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.String) return Mismatch(ref reader, "a string");
        if (!JsonContent.TryText(ref reader, out var text))
            return new Violation(ViolationCode.TextInvalid, $"Field '{Field.Name}' is not valid Unicode, or holds U+0000, which cannot be stored.");
        value = Value.Of(text);
        return null;
    }

    private Violation? ReadTimestamp(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.String) return Mismatch(ref reader, "a timestamp");
        if (reader.ValueIsEscaped || !Instant.TryParse(reader.ValueSpan, out var instant))
            return new Violation(ViolationCode.TimeInvalid, $"Field '{Field.Name}' is {JsonContent.Excerpt(ref reader)}. Write it as 2026-01-31T12:00:00Z, with Z or an offset, to the microsecond at most.");
        value = Value.Of(instant);
        return null;
    }

    private Violation? ReadDate(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.String) return Mismatch(ref reader, "a date");
        if (reader.ValueIsEscaped || !InstantText.TryDate(reader.ValueSpan, out var date))
            return new Violation(ViolationCode.TimeInvalid, $"Field '{Field.Name}' is {JsonContent.Excerpt(ref reader)}. Write it as 2026-01-31.");
        value = Value.Of(date);
        return null;
    }

    private Violation? ReadArray(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.StartArray) return Mismatch(ref reader, "an array");
        var elements = new List<Value>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var element = Value.Null;
            var violation = reader.TokenType == JsonTokenType.Null ? null
                : Field.ElementType is { } kind and not (ValueKind.Array or ValueKind.Object) ? Read(ref reader, kind, out element)
                : JsonContent.Read(ref reader, Field.Name, out element);
            if (violation is not null) return violation;
            elements.Add(element);
        }
        value = Value.Of(elements);
        return null;
    }

    private Violation? ReadObject(ref Utf8JsonReader reader, out Value value)
    {
        value = default;
        return reader.TokenType == JsonTokenType.StartObject ? JsonContent.Read(ref reader, Field.Name, out value) : Mismatch(ref reader, "an object");
    }

    private bool IsAllowed(in Value value)
    {
        foreach (var (_, allowed) in _enumeration)
            if (allowed == value) return true;
        return false;
    }

    private Violation NotAllowed(in Value value) => new(
        ViolationCode.ValueNotAllowed,
        $"Field '{Field.Name}' is {JsonContent.Shorten(value.ToString())}; allowed are {string.Join(", ", Field.Enumeration.Take(20))}.");

    private Violation? CheckBounds(in Value value)
    {
        if (Field.Minimum is { } least && Compare(value, least, _least) < 0)
            return new Violation(ViolationCode.BelowMinimum, $"Field '{Field.Name}' is {value}, below the minimum of {Text(least)}.");
        if (Field.Maximum is { } most && Compare(value, most, _most) > 0)
            return new Violation(ViolationCode.AboveMaximum, $"Field '{Field.Name}' is {value}, above the maximum of {Text(most)}.");
        return null;
    }

    // A bound of 0.1 means the decimal 0.1 beside decimals, not the double nearest to it; a cast would keep 15 digits of it.
    private static decimal? Exact(double? bound) =>
        bound is { } given && Math.Abs(given) <= 7.9e28 ? decimal.Parse(given.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    private static int Compare(in Value value, double bound, decimal? exact)
    {
        if (value.Kind == ValueKind.Number) return value.Number.CompareTo(bound);
        if (value.Kind is not (ValueKind.Integer or ValueKind.Decimal)) return 0;
        if (exact is not { } there) return bound > 0 ? -1 : 1;
        return (value.Kind == ValueKind.Integer ? value.Integer : value.Decimal).CompareTo(there);
    }

    private static string Text(double bound) => bound.ToString(CultureInfo.InvariantCulture);

    private Violation Mismatch(ref Utf8JsonReader reader, string wanted) =>
        new(ViolationCode.TypeMismatch, $"Field '{Field.Name}' must be {wanted} and is {JsonContent.Excerpt(ref reader)}.");

    private Violation OutOfRange(ref Utf8JsonReader reader, string wanted) =>
        new(ViolationCode.NumberOutOfRange, $"Field '{Field.Name}' is {JsonContent.Excerpt(ref reader)}, which is not {wanted}.");
}
