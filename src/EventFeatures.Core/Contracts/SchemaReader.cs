using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>Reads payloads of one event type in a single pass, and puts the fields that are wanted in their columns.</summary>
internal sealed class SchemaReader
{
    /// <summary>How deep a payload may be nested.</summary>
    public const int DepthMax = 32;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    private readonly ObjectReader _payload;
    private readonly string? _eventTimeField;

    public SchemaReader(EventSchema schema, string? eventTimeField, Func<string, int> columnOf)
    {
        var fields = schema.Fields.ToList();
        if (eventTimeField is not null && schema.Find(eventTimeField) is null) fields.Add(new Field(eventTimeField, ValueKind.Timestamp, Required: true));
        _payload = new ObjectReader(null, fields, eventTimeField, columnOf);
        _eventTimeField = eventTimeField;
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
            if (_payload.Read(ref reader, columns, ref eventTime, out var missing) is { } violation) return violation;
            reader.Read();
            if (_eventTimeField is not null && eventTime is null)
                return new Violation(ViolationCode.EventTimeMissing, $"Field '{_eventTimeField}' holds the event time and is missing or null.");
            return missing;
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
}
