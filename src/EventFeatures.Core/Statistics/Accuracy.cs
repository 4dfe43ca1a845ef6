namespace EventFeatures.Core.Statistics;

/// <summary>Share of right decisions, and the share of positives that it is to be read beside.</summary>
public static class Accuracy
{
    /// <summary>The share of rows where "probability at or above <paramref name="threshold"/>" equals the outcome.</summary>
    /// <param name="scored">Predictions with known outcomes.</param>
    /// <param name="threshold">The least probability that decides positive, included; in [0, 1].</param>
    /// <returns>In [0, 1]; 1 is perfect. <see langword="null"/> when nothing was scored.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A probability or the threshold is NaN or outside [0, 1].</exception>
    public static double? Of(IReadOnlyList<ScoredOutcome> scored, double threshold = 0.5)
    {
        ScoredOutcome.Check(scored);
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is a probability in [0, 1].");
        if (scored.Count == 0) return null;
        return (double)scored.Count(row => row.Probability >= threshold == row.Outcome) / scored.Count;
    }

    /// <summary>The share of positive outcomes: what a constant prediction would state.</summary>
    /// <returns>In [0, 1]. <see langword="null"/> when nothing was scored.</returns>
    public static double? BaseRate(IReadOnlyList<ScoredOutcome> scored)
    {
        ScoredOutcome.Check(scored);
        return scored.Count == 0 ? null : (double)scored.Count(row => row.Outcome) / scored.Count;
    }
}
