using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>The newest predictions first.</summary>
public sealed record ListPredictions : IRequest<PredictionPage>
{
    /// <summary>Only this model's; null: every model's.</summary>
    public string? Model { get; init; }

    /// <summary>Only predictions before this position, to page on; null: from the newest.</summary>
    public Position? Before { get; init; }

    /// <summary>How many at most. Range: 1 to 1,000. Default: 50.</summary>
    public int CountMax { get; init; } = 50;
}

/// <summary>Some predictions, newest first.</summary>
/// <param name="Items">The predictions.</param>
/// <param name="Next">Pass it as <see cref="ListPredictions.Before"/> for older ones; null when there are none.</param>
/// <param name="Unreadable">Those that were left out because they cannot be read.</param>
public sealed record PredictionPage(IReadOnlyList<PredictionEntry> Items, Position? Next, UnreadableDossiers Unreadable);

/// <summary>A prediction with its place in the log.</summary>
public sealed record PredictionEntry(PredictionMade Made, Position Position, Instant RecordedAt);

internal sealed class ListPredictionsValidator : AbstractValidator<ListPredictions>
{
    public ListPredictionsValidator() =>
        RuleFor(query => query.CountMax).InclusiveBetween(1, 1_000).WithMessage("Ask for 1 to 1,000 predictions.");
}

internal sealed class ListPredictionsHandler(IEventLog log) : IRequestHandler<ListPredictions, PredictionPage>
{
    public async Task<PredictionPage> Handle(ListPredictions request, CancellationToken cancellationToken)
    {
        var dossiers = new DossierReader();
        var items = new List<PredictionEntry>(request.CountMax);
        var all = log.ReadAllAsync(ReadDirection.Backwards, request.Before ?? Position.End, EventFilter.ByTypePrefix(PredictionMade.Type), cancellation: cancellationToken);
        await foreach (var recorded in all)
        {
            if (!Dossiers.IsPrediction(recorded) || dossiers.Prediction(recorded) is not { } made) continue;
            if (request.Model is not null && made.Request.Model != request.Model) continue;
            if (items.Count == request.CountMax) return new PredictionPage(items, items[^1].Position, dossiers.Unreadable);
            items.Add(new PredictionEntry(made, recorded.Position, recorded.Created));
        }
        return new PredictionPage(items, null, dossiers.Unreadable);
    }
}
