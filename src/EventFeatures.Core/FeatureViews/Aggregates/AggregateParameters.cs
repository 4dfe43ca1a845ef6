using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>What a feature says beside <c>aggregate</c>; each aggregate takes some of it, and <c>plan</c> refuses the rest.</summary>
public sealed record AggregateParameters
{
    /// <summary>Nothing said.</summary>
    public static readonly AggregateParameters None = new();

    /// <summary><c>k</c>: how many, or how far back.</summary>
    public long? K { get; init; }

    /// <summary><c>percentile</c>: the share of the inputs below, from 0 to 1; exact as written.</summary>
    public decimal? Percentile { get; init; }

    /// <summary><c>half_life</c>: after how long an input weighs half.</summary>
    public Duration? HalfLife { get; init; }

    /// <summary><c>bins</c>: into how many bins at most.</summary>
    public long? Bins { get; init; }

    /// <summary><c>max_values</c>: how many different values are told apart.</summary>
    public long? ValuesMax { get; init; }

    /// <summary><c>max_groups</c>: how many groups <c>group_by</c> may make.</summary>
    public long? GroupsMax { get; init; }

    /// <summary><c>nulls: keep</c>: null inputs count.</summary>
    public bool KeepNulls { get; init; }

    /// <summary><c>estimator: sample</c>: of the population that the inputs are a sample of, and not of the inputs themselves.</summary>
    public bool OfSample { get; init; }

    /// <summary>The names of what is said, as definitions write them.</summary>
    public IEnumerable<string> Names()
    {
        if (K is not null) yield return "k";
        if (Percentile is not null) yield return "percentile";
        if (HalfLife is not null) yield return "half_life";
        if (Bins is not null) yield return "bins";
        if (ValuesMax is not null) yield return "max_values";
        if (GroupsMax is not null) yield return "max_groups";
        if (KeepNulls) yield return "nulls";
        if (OfSample) yield return "estimator";
    }
}
