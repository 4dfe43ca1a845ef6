using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>The lineage from an event forwards: the views and entities that count it, and the predictions whose values rest on it.</summary>
/// <param name="EventId">The producer's id.</param>
public sealed record GetEventLineage(Guid EventId) : IRequest<EventLineage>
{
    /// <summary>How many predictions to name at most; all are counted. Range: 1 to 10,000. Default: 1,000.</summary>
    public int PredictionsMax { get; init; } = 1_000;
}

/// <summary>What an event touched.</summary>
/// <param name="Uses">Each view and entity that counts it, of retired versions too.</param>
/// <param name="Predictions">Predictions with a value that rests on it, oldest first, up to the bound.</param>
/// <param name="PredictionCount">How many there are in all.</param>
/// <param name="NotTraced">Predictions that read such an entity, but whose definitions or events are gone, and those that cannot be read.</param>
public sealed record EventLineage(IReadOnlyList<EventUse> Uses, IReadOnlyList<TouchedPrediction> Predictions, long PredictionCount, long NotTraced);

/// <summary>A prediction with values that rest on an event.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="Model">The model that was asked.</param>
/// <param name="AsOf">The instant that its features describe.</param>
/// <param name="Features">The inputs that rest on the event directly, by name, in the model's order.</param>
public sealed record TouchedPrediction(string PredictionId, Position Position, string Model, Instant AsOf, IReadOnlyList<string> Features);

internal sealed class GetEventLineageValidator : AbstractValidator<GetEventLineage>
{
    public GetEventLineageValidator()
    {
        RuleFor(query => query.EventId).NotEqual(Guid.Empty).WithMessage("Name the event by its id.");
        RuleFor(query => query.PredictionsMax).InclusiveBetween(1, 10_000).WithMessage("Ask for 1 to 10,000 predictions.");
    }
}

internal sealed class GetEventLineageHandler(IRegistry registry, IBatchViews batch, IEventLog log, PredictionOptions options) : IRequestHandler<GetEventLineage, EventLineage>
{
    public async Task<EventLineage> Handle(GetEventLineage request, CancellationToken cancellationToken)
    {
        // An event that was acknowledged before the question is found, however far behind the views are.
        var head = await log.ReadHeadAsync(cancellationToken) ?? Position.Start;
        var registered = registry.Current;
        var found = new EventUses(registered, batch, log, options.ReplayRowsMax);
        var uses = await found.FindAsync(request.EventId, head, cancellationToken);
        if (uses.Count == 0)
            throw Decision.Rejected("event-use-unknown", $"No view counts an event '{request.EventId}'.", "It may be kept aside ('quarantine show'), of a category that no view reads, or not in the log.");
        var services = new RecordedService(registered);
        var histories = new Dictionary<(ViewReference, string), Func<Position, IReadOnlyList<FeatureRow>>?>();
        var dossiers = new DossierReader();
        var (touched, count, notTraced) = (new List<TouchedPrediction>(), 0L, 0L);
        // No prediction before the event knew of it.
        var made = log.ReadAllAsync(ReadDirection.Forwards, uses.Min(use => use.Position), EventFilter.ByTypePrefix(PredictionMade.Type), cancellation: cancellationToken);
        await foreach (var recorded in made)
        {
            // The answer is that of the moment of the question, and ends however fast the log grows.
            if (recorded.Position > head) break;
            if (!Dossiers.IsPrediction(recorded)) continue;
            if (dossiers.Prediction(recorded) is not { } prediction) continue;
            var read = uses.Where(use => prediction.Views.Any(view => view.View == use.View && view.EntityKey == use.EntityKey && view.KnownAt >= use.Position)).ToList();
            if (read.Count == 0 || prediction.Features.Count == 0) continue;
            foreach (var use in read)
                if (!histories.ContainsKey((use.View, use.EntityKey)))
                    histories[(use.View, use.EntityKey)] = await found.HistoryAsync(use, head, cancellationToken);
            if (FeaturesOf(prediction, services, request.EventId, histories) is not { } features)
            {
                notTraced++;
                continue;
            }
            if (features.Count == 0) continue;
            if (++count <= request.PredictionsMax) touched.Add(new TouchedPrediction(prediction.PredictionId, recorded.Position, prediction.Request.Model, prediction.AsOf, features));
        }
        return new EventLineage(uses, touched, count, notTraced + dossiers.Unreadable.Count);
    }

    /// <summary>The inputs that rest on the event; null when the prediction's definitions, or the events beside it, are gone.</summary>
    private static IReadOnlyList<string>? FeaturesOf(
        PredictionMade prediction, RecordedService services, Guid eventId, Dictionary<(ViewReference, string), Func<Position, IReadOnlyList<FeatureRow>>?> histories)
    {
        try
        {
            var service = services.Find(prediction);
            var features = new List<string>();
            for (var input = 0; input < prediction.Features.Count; input++)
            {
                if (service.SourceOf(input) is not { } source) continue;
                var view = service.Views[source.View];
                var use = prediction.Views.First(one => one.View == view.Reference);
                if (!histories.TryGetValue((use.View, use.EntityKey), out var history)) continue;
                if (history is null) return null;
                if (view.View.Contributing(source.Feature, history(use.KnownAt), prediction.AsOf).Any(row => row.EventId == eventId)) features.Add(prediction.Features[input].Name);
            }
            return features;
        }
        catch (Exception gone) when (gone is RefusedException or DefinitionInvalidException)
        {
            return null;
        }
    }
}
