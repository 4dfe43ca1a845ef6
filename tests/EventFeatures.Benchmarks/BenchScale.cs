namespace EventFeatures.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Events">Events in bulk.</param>
/// <param name="Duration">How long each closed loop runs.</param>
/// <param name="TrainingRows">Rows of the training set.</param>
/// <param name="Rounds">How often each of the log's rows is measured.</param>
internal sealed record BenchScale(int Events, TimeSpan Duration, int TrainingRows, int Rounds)
{
    public static readonly BenchScale Default = new(100_000, TimeSpan.FromSeconds(4), 20_000, 7);

    public static readonly BenchScale Quick = new(10_000, TimeSpan.FromSeconds(1), 2_000, 3);

    /// <summary>How long a closed loop runs in one of several rounds.</summary>
    public TimeSpan RoundDuration => Duration / 4;

    /// <summary>Events in bulk in one of several rounds.</summary>
    public int RoundEvents => Events / 4;
}
