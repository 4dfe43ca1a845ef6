using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureServices;

/// <summary>Reads the features of a service, of views, or single ones, for one set of entities. Give a service or the others.</summary>
/// <param name="Entities">The entities' keys by entity name, or part by part under the names of the key's parts.</param>
public sealed record GetFeatures(IReadOnlyDictionary<string, string> Entities) : IRequest<FeaturesAnswer>
{
    /// <summary>A feature service, <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public string? Service { get; init; }

    /// <summary>Views, each <c>name@v1</c> or <c>name</c> for the version that serves.</summary>
    public IReadOnlyList<string> Views { get; init; } = [];

    /// <summary>Single features by their full names, <c>view__feature</c>, pinned as <c>view__feature@v2</c>.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>What the request itself brings, for on-demand features.</summary>
    public IReadOnlyDictionary<string, Value> Context { get; init; } = new Dictionary<string, Value>();

    /// <summary>The instant that the values describe; null: the server's clock.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The last position that may be used; null: all that the views know.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>A consistency token: see at least this much, or fail within the deadline.</summary>
    public Position? MinPosition { get; init; }

    /// <summary>How old a precomputed vector may be, where the service allows more; zero: compute it now. Null: what the service allows.</summary>
    public Duration? MaxStaleness { get; init; }
}

/// <summary>Features with what they rest on.</summary>
/// <param name="AsOf">The instant that the values describe.</param>
/// <param name="Features">In the order of the service, or of the views and their features.</param>
/// <param name="Views">Each view that was read.</param>
/// <param name="Names">The features' names, the same list as long as the definitions are the same.</param>
public sealed record FeaturesAnswer(Instant AsOf, IReadOnlyList<ServiceValue> Features, IReadOnlyList<ViewAnswer> Views, IReadOnlyList<string> Names)
{
    internal static FeaturesAnswer Of(Instant asOf, CompiledService service, ServiceReading reading, IOnlineViews online) => new(asOf, reading.Vector.Values, [.. reading.Views.Select(use =>
    {
        var backlog = online.BacklogOf(use.View, use.EntityKey);
        return new ViewAnswer(use.View, use.Digest, use.EntityKey, use.KnownAt, backlog?.Gap ?? 0, backlog?.Lag ?? TimeSpan.Zero);
    })], service.InputNames);
}

/// <summary>One view that was read, and how far behind the log it is.</summary>
/// <param name="View">The view and its version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="EntityKey">The entity's key.</param>
/// <param name="KnownAt">The position that the values know of.</param>
/// <param name="Gap">How many events the view is behind.</param>
/// <param name="Lag">How long the view has been behind.</param>
public sealed record ViewAnswer(ViewReference View, string Digest, string EntityKey, Position KnownAt, long Gap, TimeSpan Lag);

internal sealed class GetFeaturesValidator : AbstractValidator<GetFeatures>
{
    public GetFeaturesValidator()
    {
        RuleFor(query => query.Entities).NotEmpty().WithMessage("Give at least one entity's key.");
        RuleFor(query => query.Service).Must((query, service) => string.IsNullOrEmpty(service) != (query.Views.Count + query.Features.Count == 0))
            .WithMessage("Give either a service, or views and features.");
        RuleFor(query => query.MinPosition).Null().When(query => query.KnownAt is not null)
            .WithMessage("A known-at position states what may be known; a consistency token has no meaning beside it. Leave one out.");
    }
}

internal sealed class GetFeaturesHandler(IRegistry registry, IOnlineViews online, IBatchViews batch, IEventLog log, TimeProvider clock)
    : IRequestHandler<GetFeatures, FeaturesAnswer>
{
    private readonly FeatureReader _reader = new(online, batch);

    public async Task<FeaturesAnswer> Handle(GetFeatures request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        var service = ServiceCatalog.Find(registered, request.Service, request.Views, request.Features);
        var keys = FeatureReader.Keys(nameof(GetFeatures), service, request.Entities);
        var context = FeatureReader.Context(nameof(GetFeatures), service, request.Context);
        var asOf = request.AsOf ?? Instant.FromDateTimeOffset(clock.GetUtcNow());
        if (request.KnownAt is { } stated) await KnownAtPosition.OfAsync(log, stated, cancellationToken);
        var reading = await _reader.ReadAsync(service, keys, context, asOf, request.KnownAt, request.MinPosition, cancellationToken);
        return FeaturesAnswer.Of(asOf, service, reading, online);
    }
}
