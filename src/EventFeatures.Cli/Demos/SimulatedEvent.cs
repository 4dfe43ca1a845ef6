using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos;

/// <summary>One event as it reaches the system.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="EventId">The producer's id; a redelivery has the same.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Data">The payload as JSON.</param>
/// <param name="OccurredAt">When the fact happened; also in the payload.</param>
/// <param name="RecordedAt">When it becomes known; never before <paramref name="OccurredAt"/>.</param>
public sealed record SimulatedEvent(
    string Stream, Guid EventId, string Type, ReadOnlyMemory<byte> Data, Instant OccurredAt, Instant RecordedAt);
