using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>What checking an event against its contract came to: exactly one of a violation and values.</summary>
/// <param name="Violation">How it breaks the contract; null when it does not.</param>
/// <param name="OccurredAt">The event time: the contract's field, else the metadata's <c>occurredAt</c>, else when it was recorded.</param>
/// <param name="RecordedAt">The log's time or, for imported events, what the importer states.</param>
/// <param name="Values">The declared fields that are there, by name; empty on a violation.</param>
public sealed record ContractCheck(
    Violation? Violation, Instant OccurredAt, Instant RecordedAt, IReadOnlyDictionary<string, Value> Values)
{
    /// <summary>Whether the event keeps the contract.</summary>
    public bool Conforms => Violation is null;
}
