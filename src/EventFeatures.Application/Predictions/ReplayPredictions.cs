using EventFeatures.Core.Predictions;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// Reproduces predictions from the log. The answer is a stream: an update for every prediction that was not
/// reproduced and for every one asked for by id, beside regular progress; the last update has <c>Finished</c> set.
/// Leaving the enumeration stops the work.
/// </summary>
public sealed record ReplayPredictions : IRequest<IAsyncEnumerable<ReplayUpdate>>
{
    /// <summary>The predictions; null for all.</summary>
    public IReadOnlyList<string>? PredictionIds { get; init; }

    /// <summary>Of all predictions, only this model's.</summary>
    public string? Model { get; init; }

    /// <summary>How many at once. Range: 1 to 64; null: one a processor.</summary>
    public int? Parallelism { get; init; }

    /// <summary>Whether each verdict goes into its dossier; null: yes for predictions asked for by id, no for all.</summary>
    public bool? Record { get; init; }

    /// <summary>Who asks.</summary>
    public string? By { get; init; }
}

/// <summary>How far a replay has come.</summary>
/// <param name="Counts">The verdicts so far.</param>
/// <param name="Total">How many predictions there are; null while they are still being listed.</param>
/// <param name="Verdict">One prediction's verdict; null for mere progress.</param>
/// <param name="Finished">Whether this is the last update.</param>
public sealed record ReplayUpdate(ReplayCounts Counts, long? Total, ReplayVerdict? Verdict, bool Finished);

/// <summary>How many predictions got which verdict.</summary>
public sealed record ReplayCounts(long Reproduced, long Diverged, long Unreproducible, long NotComparable)
{
    /// <summary>How many were replayed.</summary>
    public long Done => Reproduced + Diverged + Unreproducible + NotComparable;
}

internal sealed class ReplayPredictionsValidator : AbstractValidator<ReplayPredictions>
{
    public ReplayPredictionsValidator()
    {
        RuleFor(command => command.Parallelism).InclusiveBetween(1, 64).WithMessage("Replay 1 to 64 predictions at once.");
        RuleFor(command => command.PredictionIds).NotEmpty().When(command => command.PredictionIds is not null)
            .WithMessage("Name at least one prediction, or leave the list out for all.");
        RuleForEach(command => command.PredictionIds).Must(PredictionId.IsValid).WithMessage(PredictionId.Rule);
    }
}
