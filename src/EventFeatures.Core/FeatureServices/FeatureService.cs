using EventFeatures.Core.Definitions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureServices;

/// <summary>The ordered features that a model reads. Their order is the model's input order.</summary>
public sealed record FeatureService : Definition
{
    /// <inheritdoc/>
    public override DefinitionKind Kind => DefinitionKind.FeatureService;

    /// <summary>What the request itself brings.</summary>
    public required IReadOnlyList<ContextField> Context { get; init; }

    /// <summary>The features, in the model's input order.</summary>
    public required IReadOnlyList<ServiceFeature> Features { get; init; }

    /// <summary>How its vectors are computed ahead of reads; null where each read computes its own.</summary>
    public Precomputing? Precompute { get; init; }
}

/// <summary>That an entity's vector is computed when its rows change, and served as it is for a while.</summary>
/// <param name="MaxStaleness">The longest that a served vector's T may lie before the read. Inclusive; more than zero and at most 1 h.</param>
public sealed record Precomputing(Duration MaxStaleness)
{
    /// <summary>The most that <see cref="MaxStaleness"/> may be.</summary>
    public static readonly Duration StalenessMax = Duration.Parse("1h");
}

/// <summary>A value that the caller sends with the request.</summary>
public sealed record ContextField(string Name, ValueKind Type);

/// <summary>
/// One input of the model: either a view's feature (<see cref="View"/> and <see cref="Feature"/>) or an on-demand
/// <see cref="Expression"/> over the request's context and the service's other features.
/// </summary>
public sealed record ServiceFeature
{
    /// <summary>The input's name; <c>view__feature</c> unless the definition names it.</summary>
    public required string Name { get; init; }

    /// <summary>The view's name, or <see langword="null"/> for an on-demand feature.</summary>
    public string? View { get; init; }

    /// <summary>The pinned version of the view; <see langword="null"/> for the newest at the time of <c>apply</c>.</summary>
    public int? ViewVersion { get; init; }

    /// <summary>The feature's name within its view, or <see langword="null"/> for an on-demand feature.</summary>
    public string? Feature { get; init; }

    /// <summary>The on-demand expression, or <see langword="null"/> for a view's feature.</summary>
    public string? Expression { get; init; }

    /// <summary>What to do when there is no value.</summary>
    public MissingPolicy OnMissing { get; init; } = MissingPolicy.Null;

    /// <summary>The value that stands in, for <see cref="MissingPolicy.Default"/>.</summary>
    public Value Default { get; init; }
}

/// <summary>What a feature service does with a feature that has no value.</summary>
public enum MissingPolicy
{
    /// <summary>The model sees a null (NaN).</summary>
    Null,

    /// <summary>A stated value stands in, and is recorded as such.</summary>
    Default,

    /// <summary>The request is refused.</summary>
    Refuse,

    /// <summary>The model is not asked; its fallback answers.</summary>
    Fallback,
}
