namespace EventFeatures.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Events">Events in bulk.</param>
/// <param name="Duration">How long each closed loop runs.</param>
/// <param name="TrainingRows">Rows of the training set.</param>
internal sealed record BenchScale(int Events, TimeSpan Duration, int TrainingRows)
{
    public static readonly BenchScale Default = new(100_000, TimeSpan.FromSeconds(4), 20_000);

    public static readonly BenchScale Quick = new(10_000, TimeSpan.FromSeconds(1), 2_000);
}
