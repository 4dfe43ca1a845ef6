namespace EventFeatures.Core.Events;

/// <summary>An event to append. Its bytes are kept as they come.</summary>
/// <param name="EventId">Chosen by the producer; the idempotency key within a stream.</param>
/// <param name="Type">The event's type, for example <c>PaymentAuthorised</c>; not empty.</param>
/// <param name="Data">The payload.</param>
/// <param name="Metadata">JSON metadata; empty for none.</param>
/// <param name="ContentType"><c>application/json</c> or <c>application/octet-stream</c>.</param>
public sealed record EventData(
    Guid EventId,
    string Type,
    ReadOnlyMemory<byte> Data,
    ReadOnlyMemory<byte> Metadata = default,
    string ContentType = "application/json");
