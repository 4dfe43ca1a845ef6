using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Features of one entity, folded from the events of one contract or of several.</summary>
public sealed record FeatureView : Definition
{
    /// <inheritdoc/>
    public override DefinitionKind Kind => DefinitionKind.FeatureView;

    /// <summary>The entity's name.</summary>
    public required string Entity { get; init; }

    /// <summary>What it reads, each contract once. Their events are one history.</summary>
    public required IReadOnlyList<ViewSource> Sources { get; init; }

    /// <summary>The longest age still served, included; <see langword="null"/> for ever.</summary>
    public Duration? Ttl { get; init; }

    /// <summary>The features, in the order of the definition.</summary>
    public required IReadOnlyList<Feature> Features { get; init; }
}

/// <summary>One feature: an aggregate over a window of an entity's events.</summary>
/// <param name="Name">The name within its view; <c>view__name</c> in full.</param>
/// <param name="Aggregate">The aggregate's name, as in the definition.</param>
/// <param name="Window">The events that count.</param>
public sealed record Feature(string Name, string Aggregate, Window Window)
{
    /// <summary>The field or expression that is aggregated; <see langword="null"/> for those that need none.</summary>
    public string? Of { get; init; }

    /// <summary>The condition an event must meet to count.</summary>
    public string? Where { get; init; }

    /// <summary>The field or expression by whose values the events are grouped; the feature is then a map.</summary>
    public string? GroupBy { get; init; }

    /// <summary>What else the aggregate needs to know.</summary>
    public AggregateParameters Parameters { get; init; } = AggregateParameters.None;
}
