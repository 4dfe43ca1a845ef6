using System.Text.Json;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Events;

/// <summary>The metadata that the system writes beside every event, as JSON. Absent members are left out.</summary>
public sealed record EventMetadata
{
    /// <summary>Ties together all that one request caused.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The event id of the direct cause.</summary>
    public string? CausationId { get; init; }

    /// <summary>W3C trace context of the appending span.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C vendor trace state.</summary>
    public string? TraceState { get; init; }

    /// <summary>When the fact happened, where the payload does not say.</summary>
    public Instant? OccurredAt { get; init; }

    /// <summary>For imported history: when the fact became known, as the importer states it.</summary>
    public Instant? RecordedAt { get; init; }

    /// <summary>Whether <see cref="RecordedAt"/> is the importer's word rather than the log's clock.</summary>
    public bool Imported { get; init; }

    /// <summary>The contract that the event was checked against, <c>name/version</c>.</summary>
    public string? Contract { get; init; }

    /// <summary>The authenticated producer.</summary>
    public string? Producer { get; init; }

    /// <summary>The person whom the event is about, where there is one.</summary>
    public string? Subject { get; init; }

    /// <summary>The digest of the contract's definition.</summary>
    public string? SchemaDigest { get; init; }

    /// <summary>The JSON bytes.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            Write(writer, "$correlationId", CorrelationId);
            Write(writer, "$causationId", CausationId);
            Write(writer, "traceparent", TraceParent);
            Write(writer, "tracestate", TraceState);
            Write(writer, "occurredAt", OccurredAt?.ToString());
            Write(writer, "recordedAt", RecordedAt?.ToString());
            if (Imported) writer.WriteBoolean("imported", true);
            Write(writer, "contract", Contract);
            Write(writer, "producer", Producer);
            Write(writer, "subject", Subject);
            Write(writer, "schemaDigest", SchemaDigest);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>
    /// Reads metadata that anybody may have written: what is missing, not JSON, no valid Unicode or of another type is
    /// absent here, since a foreign producer's metadata is no ground to refuse its event.
    /// </summary>
    public static EventMetadata FromJson(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty) return new EventMetadata();
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return new EventMetadata();
            return new EventMetadata
            {
                CorrelationId = Text(root, "$correlationId"),
                CausationId = Text(root, "$causationId"),
                TraceParent = Text(root, "traceparent"),
                TraceState = Text(root, "tracestate"),
                OccurredAt = Time(root, "occurredAt"),
                RecordedAt = Time(root, "recordedAt"),
                Imported = Member(root, "imported") is { ValueKind: JsonValueKind.True },
                Contract = Text(root, "contract"),
                Producer = Text(root, "producer"),
                Subject = Text(root, "subject"),
                SchemaDigest = Text(root, "schemaDigest"),
            };
        }
        catch (JsonException)
        {
            return new EventMetadata();
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null) writer.WriteString(name, value);
    }

    private static string? Text(JsonElement root, string name)
    {
        try
        {
            return Member(root, name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // JSON that is no Unicode is found out only now: half of a surrogate pair, or a byte that is no UTF-8.
            return null;
        }
    }

    private static JsonElement? Member(JsonElement root, string name)
    {
        try
        {
            return root.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            // So too may the name of any member be, which is compared with the one that is looked for.
            return null;
        }
    }

    private static Instant? Time(JsonElement root, string name) =>
        Instant.TryParse(Text(root, name), out var instant) ? instant : null;
}
