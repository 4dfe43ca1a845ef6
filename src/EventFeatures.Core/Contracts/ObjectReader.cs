using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>Reads the declared members of one JSON object: the payload, or a field that declares members of its own.</summary>
internal sealed class ObjectReader
{
    private const int FieldsOnStackMax = 256;

    private enum Presence : byte { Absent, Null, Value }

    private readonly string? _name;
    private readonly FieldRule[] _rules;
    private readonly ObjectReader?[] _nested;
    private readonly int _eventTime;

    /// <param name="name">The field that holds the object; null for the payload.</param>
    /// <param name="fields">All fields of the event type, of every depth.</param>
    /// <param name="eventTimeField">The field with the event time.</param>
    /// <param name="columnOf">The column that wants a field; -1 for none.</param>
    public ObjectReader(string? name, IReadOnlyList<Field> fields, string? eventTimeField, Func<string, int> columnOf)
    {
        _name = name;
        var members = fields.Where(field => field.Parent == name).ToList();
        _rules = [.. members.Select(field => new FieldRule(field, columnOf(field.Name)))];
        _nested = [.. members.Select(field => fields.Any(inner => inner.Parent == field.Name) ? new ObjectReader(field.Name, fields, eventTimeField, columnOf) : null)];
        _eventTime = members.FindIndex(field => field.Name == eventTimeField);
    }

    /// <summary>Reads from the object's start to its end.</summary>
    /// <param name="reader">At the start of the object.</param>
    /// <param name="columns">Takes the wanted fields.</param>
    /// <param name="eventTime">Takes the event time, if it stands in here.</param>
    /// <param name="missing">The first required field that is missing. Apart from other violations, since a missing event time says more.</param>
    public Violation? Read(ref Utf8JsonReader reader, Value[] columns, ref Instant? eventTime, out Violation? missing)
    {
        missing = null;
        HashSet<string>? others = null;
        Span<Presence> seen = _rules.Length <= FieldsOnStackMax ? stackalloc Presence[_rules.Length] : new Presence[_rules.Length];
        seen.Clear();
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = Find(ref reader, expected);
            if (index < 0)
            {
                if (ReadUndeclared(ref reader, ref others) is { } open) return open;
                continue;
            }
            expected = index + 1;
            if (seen[index] != Presence.Absent) return Duplicated(_rules[index].Field.Name);
            reader.Read();
            seen[index] = reader.TokenType == JsonTokenType.Null ? Presence.Null : Presence.Value;
            if (seen[index] == Presence.Null) continue;
            if (ReadMember(ref reader, index, columns, ref eventTime, ref missing) is { } violation) return violation;
        }
        missing ??= CheckPresence(seen);
        return null;
    }

    private Violation? ReadMember(ref Utf8JsonReader reader, int index, Value[] columns, ref Instant? eventTime, ref Violation? missing)
    {
        var rule = _rules[index];
        if (_nested[index] is { } nested && reader.TokenType == JsonTokenType.StartObject)
        {
            // Whoever wants the object as a whole gets it besides its members.
            var whole = reader;
            if (rule.Target >= 0 && rule.Read(ref whole, out columns[rule.Target]) is { } broken) return broken;
            var violation = nested.Read(ref reader, columns, ref eventTime, out var inner);
            missing ??= inner;
            return violation;
        }
        if (rule.Read(ref reader, out var value) is { } refused) return refused;
        if (rule.Target >= 0) columns[rule.Target] = value;
        if (index == _eventTime && value.Kind == ValueKind.Timestamp) eventTime = value.Timestamp;
        return null;
    }

    // Producers mostly keep the order of the declaration, so the field after the last one is tried first.
    private int Find(ref Utf8JsonReader reader, int expected)
    {
        for (var i = 0; i < _rules.Length; i++)
        {
            var index = expected + i;
            if (index >= _rules.Length) index -= _rules.Length;
            if (reader.ValueTextEquals(_rules[index].Utf8Name)) return index;
        }
        return -1;
    }

    private Violation? ReadUndeclared(ref Utf8JsonReader reader, ref HashSet<string>? others)
    {
        if (!JsonContent.TryText(ref reader, out var name))
            return new Violation(ViolationCode.TextInvalid, "A member's name is not valid Unicode, or holds U+0000.");
        if (_name is not null) name = $"{_name}.{name}";
        if (!(others ??= new HashSet<string>(StringComparer.Ordinal)).Add(name)) return Duplicated(name);
        reader.Read();
        return JsonContent.Read(ref reader, name, out _);
    }

    private Violation? CheckPresence(ReadOnlySpan<Presence> seen)
    {
        for (var i = 0; i < _rules.Length; i++)
            if (_rules[i].Field.Required && seen[i] != Presence.Value && i != _eventTime)
                return new Violation(ViolationCode.RequiredFieldMissing, $"Field '{_rules[i].Field.Name}' is required and is missing or null.");
        return null;
    }

    private static Violation Duplicated(string name) =>
        new(ViolationCode.MemberDuplicated, $"Member '{JsonContent.Shorten(name)}' is there twice.");
}
