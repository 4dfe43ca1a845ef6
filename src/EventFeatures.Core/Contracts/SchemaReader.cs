using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>Reads payloads of one event type in a single pass, and puts the fields that are wanted in their columns.</summary>
internal sealed class SchemaReader
{
    /// <summary>How deep a payload may be nested.</summary>
    public const int DepthMax = 32;

    private const int FieldsOnStackMax = 256;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    private enum Presence : byte { Absent, Null, Value }

    private readonly FieldRule[] _rules;
    private readonly int _eventTime;

    public SchemaReader(EventSchema schema, string? eventTimeField, Func<string, int> columnOf)
    {
        var fields = schema.Fields.ToList();
        if (eventTimeField is not null && schema.Find(eventTimeField) is null) fields.Add(new Field(eventTimeField, ValueKind.Timestamp, Required: true));
        _rules = [.. fields.Select(field => new FieldRule(field, columnOf(field.Name)))];
        _eventTime = fields.FindIndex(field => field.Name == eventTimeField);
    }

    /// <summary>Fills <paramref name="columns"/>, which are null before, and <paramref name="eventTime"/> if the contract names its field.</summary>
    public Violation? Read(ReadOnlySpan<byte> json, Value[] columns, out Instant? eventTime)
    {
        eventTime = null;
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return new Violation(ViolationCode.JsonInvalid, $"The payload must be a JSON object and is {JsonContent.Excerpt(ref reader)}.");
            Span<Presence> seen = _rules.Length <= FieldsOnStackMax ? stackalloc Presence[_rules.Length] : new Presence[_rules.Length];
            seen.Clear();
            var violation = ReadMembers(ref reader, columns, seen, ref eventTime);
            if (violation is not null) return violation;
            reader.Read();
            return CheckPresence(seen);
        }
        catch (JsonException invalid)
        {
            return new Violation(ViolationCode.JsonInvalid, $"The payload is not JSON: {invalid.Message}");
        }
        catch (InvalidOperationException)
        {
            // The reader meets half of an escaped surrogate pair only while it compares names.
            return new Violation(ViolationCode.TextInvalid, "A member's name is not valid Unicode.");
        }
    }

    private Violation? ReadMembers(ref Utf8JsonReader reader, Value[] columns, scoped Span<Presence> seen, ref Instant? eventTime)
    {
        HashSet<string>? others = null;
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
            var rule = _rules[index];
            if (seen[index] != Presence.Absent) return Duplicated(rule.Field.Name);
            reader.Read();
            seen[index] = reader.TokenType == JsonTokenType.Null ? Presence.Null : Presence.Value;
            if (seen[index] == Presence.Null) continue;
            if (rule.Read(ref reader, out var value) is { } violation) return violation;
            if (rule.Target >= 0) columns[rule.Target] = value;
            if (index == _eventTime && value.Kind == ValueKind.Timestamp) eventTime = value.Timestamp;
        }
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

    private static Violation? ReadUndeclared(ref Utf8JsonReader reader, ref HashSet<string>? others)
    {
        if (!JsonContent.TryText(ref reader, out var name))
            return new Violation(ViolationCode.TextInvalid, "A member's name is not valid Unicode, or holds U+0000.");
        if (!(others ??= new HashSet<string>(StringComparer.Ordinal)).Add(name)) return Duplicated(name);
        reader.Read();
        return JsonContent.Read(ref reader, name, out _);
    }

    private Violation? CheckPresence(ReadOnlySpan<Presence> seen)
    {
        if (_eventTime >= 0 && seen[_eventTime] != Presence.Value)
            return new Violation(ViolationCode.EventTimeMissing, $"Field '{_rules[_eventTime].Field.Name}' holds the event time and is missing or null.");
        for (var i = 0; i < _rules.Length; i++)
            if (_rules[i].Field.Required && seen[i] != Presence.Value)
                return new Violation(ViolationCode.RequiredFieldMissing, $"Field '{_rules[i].Field.Name}' is required and is missing or null.");
        return null;
    }

    private static Violation Duplicated(string name) =>
        new(ViolationCode.MemberDuplicated, $"Member '{JsonContent.Shorten(name)}' is there twice.");
}
