namespace EventFeatures.Application.FeatureServices.Precomputed;

/// <summary>What computing ahead of reads may cost.</summary>
public sealed record PrecomputeOptions
{
    /// <summary>How many feature values are kept in all, at about 200 bytes each; the vectors with the oldest T leave first. 1 or more. Default: 250,000.</summary>
    public int ValuesMax { get; init; } = 250_000;

    /// <summary>How many entities may wait for their vectors. One more is left to be computed when it is read. 1 or more. Default: 10,000.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>The share of one processor's time that computing ahead takes at most, so that it yields to serving. More than 0, at most 1. Default: 0.25.</summary>
    public double ShareMax { get; init; } = 0.25;
}
