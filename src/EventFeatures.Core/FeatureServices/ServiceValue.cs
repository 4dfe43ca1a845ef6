using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureServices;

/// <summary>One input of a feature service as it was read or computed for one request.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Value">The value that the model saw; null where it saw NaN.</param>
/// <param name="Status">Whether the view or expression gave a value, and if not why; a default does not change it.</param>
/// <param name="OccurredAt">The event time of the entity's newest event; null for an on-demand feature or an unseen entity.</param>
/// <param name="Defaulted">Whether the service's default stands in for a missing value.</param>
public readonly record struct ServiceValue(string Name, Value Value, FeatureStatus Status, Instant? OccurredAt, bool Defaulted)
{
    /// <summary>How old the entity's newest event was at <paramref name="asOf"/>; null where there is none.</summary>
    public Duration? FreshnessAt(Instant asOf) => OccurredAt is { } occurred ? asOf - occurred : null;
}
