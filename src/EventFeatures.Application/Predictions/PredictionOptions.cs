namespace EventFeatures.Application.Predictions;

/// <summary>How long predictions may take and how much replays may hold.</summary>
public sealed record PredictionOptions
{
    /// <summary>
    /// How long reading features and scoring may take before the fallback answers. The append that makes the answer
    /// durable comes on top. Unit: wall-clock time. Range: 1 ms to 1 min. Default: 1 s.
    /// </summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How much longer a request with a consistency token may wait for the views to see it.
    /// Unit: wall-clock time. Range: 0 to 1 min. Default: 5 s.
    /// </summary>
    public TimeSpan ConsistencyWaitMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many rows of entity histories a replay keeps in memory. Range: 1,000 up. Default: 2,000,000.</summary>
    public int ReplayRowsMax { get; init; } = 2_000_000;
}
