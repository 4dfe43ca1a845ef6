using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureViews;

/// <summary>The lineage from values backwards: what one entity's features were at (T, P), and the events that made them so.</summary>
/// <param name="View">The view, <c>name@v1</c> or <c>name</c> for the version that serves.</param>
/// <param name="Entities">The entity's key under its name, or part by part under the names of the key's parts.</param>
public sealed record GetValueLineage(string View, IReadOnlyDictionary<string, string> Entities) : IRequest<ValueLineage>
{
    /// <summary>One feature's name within the view; null for all of them.</summary>
    public string? Feature { get; init; }

    /// <summary>The instant that the values describe; null: the server's clock.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The last position that may be used; null: the log's last event when the question came.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>How many events to name for each feature at most, the newest; all are counted. Range: 1 to 10,000. Default: 100.</summary>
    public int EventsMax { get; init; } = 100;
}

/// <summary>Values, and the events that they rest on.</summary>
/// <param name="View">The view and its version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="Entity">The entity's name.</param>
/// <param name="EntityKey">Its key.</param>
/// <param name="AsOf">The instant that the values describe.</param>
/// <param name="KnownAt">The position that they know of: every event of the entity up to it, and none after.</param>
/// <param name="Features">Each feature that was asked for, in the view's order.</param>
public sealed record ValueLineage(
    ViewReference View, string Digest, string Entity, string EntityKey, Instant AsOf, Position KnownAt, IReadOnlyList<ValueOrigin> Features);

/// <summary>One value, and the events that it rests on.</summary>
/// <param name="Value">The value with its status.</param>
/// <param name="EventCount">How many events it rests on: none where it is not served, whatever the view holds.</param>
/// <param name="Events">The newest of them in fold order, up to the bound.</param>
public sealed record ValueOrigin(ServiceValue Value, long EventCount, IReadOnlyList<LineageEvent> Events);

internal sealed class GetValueLineageValidator : AbstractValidator<GetValueLineage>
{
    public GetValueLineageValidator()
    {
        RuleFor(query => query.View).NotEmpty().WithMessage("Name the feature view, for example card_activity@v1.");
        RuleFor(query => query.Entities).NotEmpty().WithMessage("Give the entity's key.");
        RuleFor(query => query.EventsMax).InclusiveBetween(1, 10_000).WithMessage("Ask for 1 to 10,000 events a feature.");
    }
}

internal sealed class GetValueLineageHandler(IRegistry registry, IBatchViews batch, IEventLog log, TimeProvider clock)
    : IRequestHandler<GetValueLineage, ValueLineage>
{
    public async Task<ValueLineage> Handle(GetValueLineage request, CancellationToken cancellationToken)
    {
        var service = ServiceCatalog.Find(registry.Current, null, [request.View], []);
        var (reference, view, entity) = service.Views.Single();
        var key = FeatureReader.Keys(nameof(GetValueLineage), service, request.Entities).Single();
        var wanted = WantedOf(view.View, request.Feature);
        var asOf = request.AsOf ?? Instant.FromDateTimeOffset(clock.GetUtcNow());
        // What was acknowledged before the question is in the answer: the rows are read up to the log's head as it was
        // then, and the read waits within its deadline until the view has committed that much.
        var knownAt = await KnownAtPosition.OfAsync(log, request.KnownAt, cancellationToken);
        var rows = await batch.ReadEntityAsync(reference, key, knownAt, cancellationToken);
        var values = view.Evaluate(rows, asOf);
        return new ValueLineage(
            reference, view.View.Digest, entity.Name, key, asOf, knownAt,
            [.. wanted.Select(index => OriginOf(view, index, values[index], rows, asOf, request.EventsMax))]);
    }

    private static ValueOrigin OriginOf(CompiledView view, int index, FeatureValue value, IReadOnlyList<FeatureRow> rows, Instant asOf, int eventsMax)
    {
        var named = new ServiceValue($"{view.View.Name}__{view.View.Features[index].Name}", value.Value, value.Status, value.OccurredAt, false);
        // A value that is too old to be served, or that no event gave, rests on no event.
        if (value.Status is not (FeatureStatus.Present or FeatureStatus.Null)) return new ValueOrigin(named, 0, []);
        var contributing = view.Contributing(index, rows, asOf);
        return new ValueOrigin(named, contributing.Count, [.. contributing.TakeLast(eventsMax).Select(row => new LineageEvent(
            new EventReference(row.EventId, row.StreamId, row.Revision, row.Position), row.EventType, row.OccurredAt, row.RecordedAt))]);
    }

    /// <summary>The features to tell about, by their indexes. A name may be the full one, <c>view__feature</c>.</summary>
    private static IReadOnlyList<int> WantedOf(FeatureView view, string? name)
    {
        if (string.IsNullOrEmpty(name)) return [.. Enumerable.Range(0, view.Features.Count)];
        var within = name.StartsWith(view.Name + "__", StringComparison.Ordinal) ? name[(view.Name.Length + 2)..] : name;
        var known = view.Features.Select(feature => feature.Name).ToList();
        return known.IndexOf(within) is >= 0 and var index ? [index] : throw Decision.Rejected(
            "feature-unknown", $"The feature view {view.Reference} has no feature '{name}'.{Suggestion.For(within, known)}", $"It has {string.Join(", ", known)}.");
    }
}
