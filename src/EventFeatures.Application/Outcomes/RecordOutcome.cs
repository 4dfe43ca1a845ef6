using EventFeatures.Application.Pipeline;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Outcomes;

/// <summary>Reports what really happened after a prediction. A later report corrects an earlier one.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="Value">0 or 1 for a class, any finite number for a quantity.</param>
/// <param name="OccurredAt">When it happened; null: when it is recorded, and a repeated report is the same whenever that was.</param>
public sealed record RecordOutcome(string PredictionId, double Value, Instant? OccurredAt) : IRequest<OutcomeAnswer>
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

internal sealed class RecordOutcomeValidator : AbstractValidator<RecordOutcome>
{
    public RecordOutcomeValidator()
    {
        RuleFor(command => command.PredictionId).Must(PredictionId.IsValid).WithMessage(PredictionId.Rule);
        RuleFor(command => command.Value).Must(double.IsFinite).WithMessage("An outcome is a finite number: 0 or 1 for a class.");
        RuleFor(command => command.OutcomeId).Must(id => id!.Length is >= 1 and <= 200).When(command => command.OutcomeId is not null)
            .WithMessage("An outcome's id has 1 to 200 characters.");
    }
}

internal sealed class RecordOutcomeHandler(IEventLog log, TimeProvider clock) : IRequestHandler<RecordOutcome, OutcomeAnswer>
{
    private const int AttemptsMax = 8;

    public async Task<OutcomeAnswer> Handle(RecordOutcome request, CancellationToken cancellationToken)
    {
        var occurredAt = request.OccurredAt ?? Instant.FromDateTimeOffset(clock.GetUtcNow());
        var outcomeId = request.OutcomeId ?? $"{occurredAt}/{request.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}";
        var outcome = new OutcomeRecorded(request.PredictionId, outcomeId, request.Value, occurredAt, request.By);
        var metadata = Provenance.Of(request.CorrelationId, request.By) with
        {
            OccurredAt = occurredAt, RecordedAt = request.RecordedAt, Imported = request.RecordedAt is not null,
        };
        var stream = PredictionMade.StreamOf(request.PredictionId);
        for (var attempt = 1; ; attempt++)
        {
            var found = await LookAsync(request.PredictionId, outcomeId, cancellationToken);
            if (found.Reported is { } reported) return Repeat(reported, outcome, request.OccurredAt);
            var data = new EventData(
                EventIds.Derive("outcome", request.PredictionId, outcomeId), OutcomeRecorded.Type, OutcomeJson.Write(outcome, found.Made, found.HasOutcome), metadata.ToJson());
            try
            {
                // The exact revision makes looking and appending one step: of two reports under one id, one is second.
                var appended = await log.AppendToStreamAsync(stream, StreamState.StreamRevision(found.Revision), [data], cancellationToken);
                return new OutcomeAnswer(outcomeId, appended.Position);
            }
            catch (WrongExpectedVersionException) when (attempt < AttemptsMax)
            {
                // Somebody wrote into the dossier meanwhile; look again.
            }
        }
    }

    // What really happened is worth recording even where something before it was written by a later version.
    private async Task<Dossier> LookAsync(string predictionId, string outcomeId, CancellationToken cancellation)
    {
        var dossiers = new DossierReader();
        Dossier? found = null;
        await foreach (var recorded in log.ReadStreamAsync(PredictionMade.StreamOf(predictionId), cancellation: cancellation))
        {
            if (found is null && Dossiers.IsPrediction(recorded)) found = new Dossier(dossiers.Prediction(recorded));
            if (found is null) break;
            found = found with { Revision = recorded.Revision };
            if (recorded.Type != OutcomeRecorded.Type) continue;
            if (dossiers.Outcome(recorded) is { } known && known.OutcomeId == outcomeId && found.Reported is null)
                found = found with { Reported = new OutcomeEntry(known, recorded.Position, Dossiers.RecordedAt(recorded)) };
            found = found with { HasOutcome = true };
        }
        return found ?? throw Dossiers.Unknown(predictionId);
    }

    private static OutcomeAnswer Repeat(OutcomeEntry reported, OutcomeRecorded outcome, Instant? stated) =>
        reported.Outcome.Value.Equals(outcome.Value) && (stated is null || reported.Outcome.OccurredAt == stated)
            ? new OutcomeAnswer(outcome.OutcomeId, reported.Position)
            : throw Decision.Rejected(
                "outcome-id-reused",
                $"Outcome '{outcome.OutcomeId}' of prediction '{outcome.PredictionId}' was reported as {reported.Outcome.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)} at {reported.Outcome.OccurredAt}.",
                "Report a correction under an id of its own.");

    /// <summary>A prediction's dossier as far as it matters to one more outcome.</summary>
    /// <param name="Made">The prediction; null when it cannot be read.</param>
    private sealed record Dossier(PredictionMade? Made)
    {
        public long Revision { get; init; } = -1;

        public bool HasOutcome { get; init; }

        /// <summary>The outcome of the same id, if there is one.</summary>
        public OutcomeEntry? Reported { get; init; }
    }
}
