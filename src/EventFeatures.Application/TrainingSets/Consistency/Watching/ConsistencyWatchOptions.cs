namespace EventFeatures.Application.TrainingSets.Consistency.Watching;

/// <summary>What comparing in the background may cost.</summary>
public sealed record ConsistencyWatchOptions
{
    /// <summary>Whether this process takes part. Default: it does.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>The share of the time that comparing takes at most; the rest it pauses. More than 0, at most 1. Default: 0.05.</summary>
    public double ShareMax { get; init; } = 0.05;

    /// <summary>How many vectors are compared before a pause, and lost at most when a process ends. 1 to 10,000. Default: 100.</summary>
    public int VectorsTogether { get; init; } = 100;

    /// <summary>How long after one pass over all online vectors the next begins. Default: 10 min.</summary>
    public TimeSpan PassPause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it waits, with nothing to compare, before it looks again. Default: 5 s.</summary>
    public TimeSpan IdlePause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long another process waits before it takes over from one that gives no sign of life. Default: 30 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after a feature's mismatch was told the next of the same feature is told by an event. All are counted. Default: 1 h.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromHours(1);
}
