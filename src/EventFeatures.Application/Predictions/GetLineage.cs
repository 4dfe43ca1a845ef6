using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>What a prediction rests on, down to events, definitions and the model's bytes.</summary>
public sealed record GetLineage(string PredictionId) : IRequest<PredictionLineage>
{
    /// <summary>How many events to name for each feature at most, the newest; all are counted. Range: 1 to 10,000. Default: 1,000.</summary>
    public int EventsMax { get; init; } = 1000;
}

/// <summary>What a prediction rests on.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="Stream">Its dossier's stream.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="AsOf">The instant that its features describe.</param>
/// <param name="Service">The feature service, <c>name@v1</c>.</param>
/// <param name="ServiceDigest">The digest of its definition.</param>
/// <param name="Views">Each view with its digest, its contract's digest and its position.</param>
/// <param name="Features">Each input with the events that it rests on.</param>
/// <param name="Model">The model, its digest and its training set's; null when the fallback answered.</param>
/// <param name="Route">Who answered.</param>
/// <param name="Software">The version of the software that answered.</param>
public sealed record PredictionLineage(
    string PredictionId, string Stream, Position Position, Instant AsOf, string Service, string ServiceDigest,
    IReadOnlyList<ViewUse> Views, IReadOnlyList<FeatureLineage> Features, ModelUse? Model, PredictionRoute Route, string Software);

/// <summary>What one input rests on.</summary>
/// <param name="Value">The input as the model saw it.</param>
/// <param name="View">The view that it comes from; null for an on-demand feature.</param>
/// <param name="Expression">The on-demand expression; null for a view's feature.</param>
/// <param name="DependsOn">For an on-demand feature, the inputs and context fields that it reads.</param>
/// <param name="EventCount">How many events inside the feature's window pass its filter.</param>
/// <param name="Events">The newest of them in fold order, up to the bound.</param>
public sealed record FeatureLineage(
    ServiceValue Value, ViewReference? View, string? Expression, IReadOnlyList<string> DependsOn, long EventCount, IReadOnlyList<LineageEvent> Events);

/// <summary>One event that a value rests on.</summary>
public sealed record LineageEvent(EventReference Reference, string EventType, Instant OccurredAt, Instant RecordedAt);

internal sealed class GetLineageValidator : AbstractValidator<GetLineage>
{
    public GetLineageValidator()
    {
        RuleFor(query => query.PredictionId).Must(PredictionId.IsValid).WithMessage(PredictionId.Rule);
        RuleFor(query => query.EventsMax).InclusiveBetween(1, 10_000).WithMessage("Ask for 1 to 10,000 events a feature.");
    }
}

internal sealed class GetLineageHandler(IRegistry registry, IEventLog log, PredictionOptions options) : IRequestHandler<GetLineage, PredictionLineage>
{
    public async Task<PredictionLineage> Handle(GetLineage request, CancellationToken cancellationToken)
    {
        var (made, position, _) = await new Dossiers(log).GetAsync(request.PredictionId, cancellationToken);
        var features = made.Features.Count == 0 ? [] : await FeaturesAsync(made, request.EventsMax, cancellationToken);
        return new PredictionLineage(
            made.PredictionId, PredictionMade.StreamOf(made.PredictionId), position, made.AsOf, made.Service, made.ServiceDigest,
            made.Views, features, made.Model, made.Route, made.Software);
    }

    private async Task<IReadOnlyList<FeatureLineage>> FeaturesAsync(PredictionMade made, int eventsMax, CancellationToken cancellation)
    {
        var service = new RecordedService(registry.Current).Find(made);
        var histories = new EntityHistories(log, options.ReplayRowsMax);
        var scattered = service.Views.Where(view => !view.View.IsKeyedByStream).Select(view => (view.View, Use: made.Views.First(use => use.View == view.Reference))).ToList();
        await histories.LoadAsync(
            [.. scattered.Select(one => new EntityInView(one.View, one.Use.EntityKey))],
            scattered.Select(one => one.Use.KnownAt).DefaultIfEmpty(Position.Start).Max(), whateverItTakes: true, cancellation);
        var features = new List<FeatureLineage>(made.Features.Count);
        for (var i = 0; i < made.Features.Count; i++)
        {
            if (service.SourceOf(i) is not { } source)
            {
                features.Add(new FeatureLineage(made.Features[i], null, service.Service.Features[i].Expression, service.DependsOn(i), 0, []));
                continue;
            }
            var view = service.Views[source.View];
            var use = made.Views.First(use => use.View == view.Reference);
            var history = await histories.GetAsync(view.View, use.EntityKey, cancellation);
            var rows = view.View.Contributing(source.Feature, history.KnownAt(use.KnownAt), made.AsOf);
            features.Add(new FeatureLineage(made.Features[i], view.Reference, null, [], rows.Count, [.. rows.TakeLast(eventsMax).Select(row => new LineageEvent(
                new EventReference(row.EventId, row.StreamId, row.Revision, row.Position), row.EventType, row.OccurredAt, row.RecordedAt))]));
        }
        return features;
    }
}
