using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Outcomes;

/// <summary>What really happened after a prediction. A later one corrects an earlier one; both stay in the dossier.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="OutcomeId">The caller's id of this report; reporting it twice is one outcome.</param>
/// <param name="Value">0 or 1 for a class, any finite number for a quantity.</param>
/// <param name="OccurredAt">When it happened, by the world's clock.</param>
/// <param name="RecordedBy">Who reported it.</param>
public sealed record OutcomeRecorded(string PredictionId, string OutcomeId, double Value, Instant OccurredAt, string? RecordedBy)
{
    /// <summary>The event's type.</summary>
    public const string Type = "OutcomeRecorded";
}

/// <summary>An outcome with its place in the log.</summary>
public sealed record OutcomeEntry(OutcomeRecorded Outcome, Position Position, Instant RecordedAt);
