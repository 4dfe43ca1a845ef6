using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using MediatR;

namespace EventFeatures.Application.FeatureServices;

/// <summary>Reads the features of a service, or of views, for one set of entities. Give one of the two.</summary>
/// <param name="Entities">The entities' keys by entity name; the parts of a composite key are joined by U+001F.</param>
public sealed record GetFeatures(IReadOnlyDictionary<string, string> Entities) : IRequest<FeaturesAnswer>
{
    /// <summary>A feature service, <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public string? Service { get; init; }

    /// <summary>Views, each <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public IReadOnlyList<string> Views { get; init; } = [];

    /// <summary>What the request itself brings, for on-demand features.</summary>
    public IReadOnlyDictionary<string, Value> Context { get; init; } = new Dictionary<string, Value>();

    /// <summary>The instant that the values describe; null: the server's clock.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The last position that may be used; null: all that the views know.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>A consistency token: see at least this much, or fail within the deadline.</summary>
    public Position? MinPosition { get; init; }
}

/// <summary>Features with what they rest on.</summary>
/// <param name="AsOf">The instant that the values describe.</param>
/// <param name="Features">In the order of the service, or of the views and their features.</param>
/// <param name="Views">Each view that was read.</param>
public sealed record FeaturesAnswer(Instant AsOf, IReadOnlyList<ServiceValue> Features, IReadOnlyList<ViewAnswer> Views);

/// <summary>One view that was read, and how far behind the log it is.</summary>
/// <param name="View">The view and its version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="EntityKey">The entity's key.</param>
/// <param name="KnownAt">The position that the values know of.</param>
/// <param name="Gap">How many events the view is behind.</param>
/// <param name="Lag">How long the view has been behind.</param>
public sealed record ViewAnswer(ViewReference View, string Digest, string EntityKey, Position KnownAt, long Gap, TimeSpan Lag);
