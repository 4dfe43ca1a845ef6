namespace EventFeatures.Core.Statistics;

/// <summary>Brier score: the mean squared error of probabilities.</summary>
public static class Brier
{
    /// <summary><c>1/n sum((p - y)^2)</c> with <c>y</c> 0 or 1.</summary>
    /// <returns>In [0, 1]; 0 is perfect, 0.25 is what a constant 0.5 gets. <see langword="null"/> when nothing was scored.</returns>
    /// <remarks>Source: Brier, Monthly Weather Review 78 (1950), in its form for two classes.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A probability is NaN or outside [0, 1].</exception>
    public static double? Of(IReadOnlyList<ScoredOutcome> scored)
    {
        ScoredOutcome.Check(scored);
        if (scored.Count == 0) return null;
        var sum = 0.0;
        foreach (var (probability, outcome) in scored)
        {
            var error = probability - (outcome ? 1 : 0);
            sum += error * error;
        }
        return sum / scored.Count;
    }
}
