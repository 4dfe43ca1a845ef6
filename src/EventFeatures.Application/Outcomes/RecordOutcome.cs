using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using MediatR;

namespace EventFeatures.Application.Outcomes;

/// <summary>Reports what really happened after a prediction. A later report corrects an earlier one.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="Value">0 or 1 for a class, any finite number for a quantity.</param>
/// <param name="OccurredAt">When it happened.</param>
public sealed record RecordOutcome(string PredictionId, double Value, Instant OccurredAt) : IRequest<OutcomeAnswer>
{
    /// <summary>The caller's id of this report; reporting it twice is one outcome. Left out: it follows from the value and time.</summary>
    public string? OutcomeId { get; init; }

    /// <summary>For imported history: when the outcome became known, as the importer states it.</summary>
    public Instant? RecordedAt { get; init; }

    /// <summary>Who reports it.</summary>
    public string? By { get; init; }

    /// <summary>Ties together all that one request caused.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>An outcome that is in the log.</summary>
/// <param name="OutcomeId">The id of the report.</param>
/// <param name="Position">A position that covers it.</param>
public sealed record OutcomeAnswer(string OutcomeId, Position Position);
