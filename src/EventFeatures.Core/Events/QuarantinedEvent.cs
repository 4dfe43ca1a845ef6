using System.Globalization;
using System.Text.Json;

namespace EventFeatures.Core.Events;

/// <summary>
/// An event that could not be used, kept aside in <c>quarantine-&lt;contract&gt;</c> with its reason and its
/// original bytes, so that it can be re-driven once the reason is gone.
/// </summary>
/// <param name="Contract">The contract that it breaks, <c>name/major</c>.</param>
/// <param name="StreamId">The stream that it was meant for, or came from.</param>
/// <param name="EventId">The producer's id.</param>
/// <param name="EventType">The event's type.</param>
/// <param name="Code">A stable kebab-case code, for example <c>required-field-missing</c>.</param>
/// <param name="Detail">What was found where, with the value.</param>
/// <param name="Data">The payload's bytes, untouched.</param>
/// <param name="Metadata">The metadata's bytes, untouched.</param>
public sealed record QuarantinedEvent(
    string Contract, string StreamId, Guid EventId, string EventType, string Code, string Detail,
    ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>
    /// For an event that a view could not use: where the log holds it, in its own stream; null for one that was kept out of it.
    /// </summary>
    public Position? LoggedAt { get; init; }

    /// <summary>Its revision in <see cref="StreamId"/> there.</summary>
    public long? LoggedRevision { get; init; }

    /// <summary>
    /// Whether the event is too large for an entry with its bytes, so that <see cref="Data"/> and <see cref="Metadata"/> are
    /// empty here and the log alone holds them, at <see cref="LoggedAt"/>.
    /// </summary>
    public bool BytesOmitted { get; init; }

    /// <summary>The type under which it is appended.</summary>
    public const string Type = "EventQuarantined";

    /// <summary>The quarantine of a contract: its name without the version, so that a fix in a later version finds it.</summary>
    public static string StreamOf(string contract)
    {
        var slash = contract.LastIndexOf('/');
        return "quarantine-" + (slash < 0 ? contract : contract[..slash]);
    }

    /// <summary>The event to append. Its id follows from the refused event, so that quarantining twice is harmless.</summary>
    public EventData ToEventData(EventMetadata? metadata = null)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("contract", Contract);
            writer.WriteString("stream", StreamId);
            writer.WriteString("eventId", EventId);
            writer.WriteString("type", EventType);
            writer.WriteString("code", Code);
            writer.WriteString("detail", Detail);
            writer.WriteBase64String("data", Data.Span);
            writer.WriteBase64String("metadata", Metadata.Span);
            writer.WriteEndObject();
        }
        return new EventData(EventIds.Derive("quarantine", Contract, StreamId, EventId.ToString("N")), Type, buffer.ToArray(), metadata?.ToJson() ?? []);
    }

    /// <summary>Reads what <see cref="ToEventData"/> wrote, or what the views write of events that the log holds.</summary>
    /// <exception cref="JsonException">The bytes are not a quarantined event.</exception>
    public static QuarantinedEvent FromJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new QuarantinedEvent(
                Text(root.GetProperty("contract")), Text(root.GetProperty("stream")),
                root.GetProperty("eventId").GetGuid(), Text(root.TryGetProperty("type", out var type) ? type : root.GetProperty("eventType")),
                Text(root.GetProperty("code")), Text(root.GetProperty("detail")),
                root.GetProperty("data").GetBytesFromBase64(), root.GetProperty("metadata").GetBytesFromBase64())
            {
                LoggedAt = root.TryGetProperty("position", out var position) ? new Position(ulong.Parse(Text(position), NumberStyles.None, CultureInfo.InvariantCulture)) : null,
                LoggedRevision = root.TryGetProperty("revision", out var revision) ? checked((long)revision.GetUInt64()) : null,
                BytesOmitted = root.TryGetProperty("omitted", out var omitted) && omitted.GetBoolean(),
            };
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new JsonException("These bytes are not a quarantined event: " + exception.Message, exception);
        }
    }

    private static string Text(JsonElement member) => member.GetString() ?? throw new FormatException("A member that is a text is null.");
}
