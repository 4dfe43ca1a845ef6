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

internal sealed class RecordOutcomeHandler(IEventLog log) : IRequestHandler<RecordOutcome, OutcomeAnswer>
{
    private const int AttemptsMax = 8;

    public async Task<OutcomeAnswer> Handle(RecordOutcome request, CancellationToken cancellationToken)
    {
        var outcomeId = request.OutcomeId ?? $"{request.OccurredAt}/{request.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}";
        var outcome = new OutcomeRecorded(request.PredictionId, outcomeId, request.Value, request.OccurredAt, request.By);
        var metadata = Provenance.Of(request.CorrelationId, request.By) with
        {
            OccurredAt = request.OccurredAt, RecordedAt = request.RecordedAt, Imported = request.RecordedAt is not null,
        };
        var stream = PredictionMade.StreamOf(request.PredictionId);
        var data = new EventData(EventIds.Derive("outcome", request.PredictionId, outcomeId), OutcomeRecorded.Type, OutcomeJson.Write(outcome), metadata.ToJson());
        for (var attempt = 1; ; attempt++)
        {
            var (revision, reported) = await LookAsync(request.PredictionId, outcomeId, cancellationToken);
            if (reported is not null) return Repeat(reported, outcome);
            try
            {
                // The exact revision makes looking and appending one step: of two reports under one id, one is second.
                var appended = await log.AppendToStreamAsync(stream, StreamState.StreamRevision(revision), [data], cancellationToken);
                return new OutcomeAnswer(outcomeId, appended.Position);
            }
            catch (WrongExpectedVersionException) when (attempt < AttemptsMax)
            {
                // Somebody wrote into the dossier meanwhile; look again.
            }
        }
    }

    private async Task<(long Revision, OutcomeEntry? Reported)> LookAsync(string predictionId, string outcomeId, CancellationToken cancellation)
    {
        var revision = -1L;
        OutcomeEntry? reported = null;
        await foreach (var recorded in log.ReadStreamAsync(PredictionMade.StreamOf(predictionId), cancellation: cancellation))
        {
            revision = recorded.Revision;
            if (recorded.Type == OutcomeRecorded.Type && OutcomeJson.Read(recorded.Data) is var known && known.OutcomeId == outcomeId)
                reported ??= new OutcomeEntry(known, recorded.Position, Dossiers.RecordedAt(recorded));
        }
        return revision < 0 ? throw Dossiers.Unknown(predictionId) : (revision, reported);
    }

    private static OutcomeAnswer Repeat(OutcomeEntry reported, OutcomeRecorded outcome) =>
        reported.Outcome.Value.Equals(outcome.Value) && reported.Outcome.OccurredAt == outcome.OccurredAt
            ? new OutcomeAnswer(outcome.OutcomeId, reported.Position)
            : throw Decision.Rejected(
                "outcome-id-reused",
                $"Outcome '{outcome.OutcomeId}' of prediction '{outcome.PredictionId}' was reported as {reported.Outcome.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)} at {reported.Outcome.OccurredAt}.",
                "Report a correction under an id of its own.");
}
