using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>A prediction's whole dossier.</summary>
public sealed record GetPrediction(string PredictionId) : IRequest<PredictionDossier>;

/// <summary>All that the log holds of one prediction.</summary>
/// <param name="Made">What was decided and why.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="RecordedAt">When the log took it.</param>
/// <param name="Outcomes">Every outcome reported, in the order of the log; the last one counts.</param>
/// <param name="Replays">Every recorded replay, in the order of the log.</param>
public sealed record PredictionDossier(
    PredictionMade Made, Position Position, Instant RecordedAt, IReadOnlyList<OutcomeEntry> Outcomes, IReadOnlyList<ReplayEntry> Replays)
{
    /// <summary>The outcome that counts: the last one reported; null while there is none.</summary>
    public OutcomeEntry? Outcome => Outcomes.Count > 0 ? Outcomes[^1] : null;
}

/// <summary>A recorded replay.</summary>
public sealed record ReplayEntry(ReplayVerdict Verdict, Position Position, Instant RecordedAt, string? By);

internal sealed class GetPredictionValidator : AbstractValidator<GetPrediction>
{
    public GetPredictionValidator() =>
        RuleFor(query => query.PredictionId).Must(PredictionId.IsValid).WithMessage(PredictionId.Rule);
}

internal sealed class GetPredictionHandler(IEventLog log) : IRequestHandler<GetPrediction, PredictionDossier>
{
    public Task<PredictionDossier> Handle(GetPrediction request, CancellationToken cancellationToken) =>
        new Dossiers(log).ReadAsync(request.PredictionId, cancellationToken);
}
