namespace EventFeatures.Core.Statistics;

/// <summary>How truthful predicted probabilities are.</summary>
public static class Calibration
{
    /// <summary>
    /// Expected calibration error: the mean gap between predicted probability and observed
    /// frequency, weighted by how many predictions fall in each equal-width bin:
    /// <c>sum over bins of n_b / n * |mean probability_b - frequency_b|</c>.
    /// </summary>
    /// <param name="scored">Predictions with known outcomes.</param>
    /// <param name="bins">How many equal-width bins, 1 to 1000; 10 and 15 are the usual choices.</param>
    /// <returns>Dimensionless, in [0, 1]; 0 is perfect. <see langword="null"/> when nothing was scored.</returns>
    /// <remarks>Source: Naeini, Cooper and Hauskrecht, AAAI 2015. Probability 1 joins the last bin.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or <paramref name="bins"/> out of range.</exception>
    public static double? ExpectedError(IReadOnlyList<ScoredOutcome> scored, int bins = 10)
    {
        var table = Reliability(scored, bins);
        if (scored.Count == 0) return null;
        var sum = 0.0;
        foreach (var bin in table)
            if (bin.Count > 0)
                sum += bin.Count * Math.Abs(bin.MeanProbability!.Value - bin.Frequency!.Value);
        return sum / scored.Count;
    }

    /// <summary>The reliability table: what was predicted and what came true, for each equal-width bin.</summary>
    /// <param name="scored">Predictions with known outcomes; may be empty.</param>
    /// <param name="bins">How many equal-width bins, 1 to 1000.</param>
    /// <returns>Exactly <paramref name="bins"/> rows from 0 to 1, the empty ones among them.</returns>
    /// <remarks>Source: Murphy and Winkler, "Reliability of Subjective Probability Forecasts", Applied Statistics 26 (1977).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or <paramref name="bins"/> out of range.</exception>
    public static IReadOnlyList<ReliabilityBin> Reliability(IReadOnlyList<ScoredOutcome> scored, int bins = 10)
    {
        ScoredOutcome.Check(scored);
        if (bins is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(bins), bins, "Give 1 to 1000 bins.");
        var counts = new long[bins];
        var positives = new long[bins];
        var sums = new double[bins];
        foreach (var (probability, outcome) in scored)
        {
            var bin = Math.Min((int)(probability * bins), bins - 1);
            counts[bin]++;
            sums[bin] += probability;
            if (outcome) positives[bin]++;
        }
        return [.. Enumerable.Range(0, bins).Select(bin => new ReliabilityBin(
            (double)bin / bins, (double)(bin + 1) / bins, counts[bin],
            counts[bin] == 0 ? null : sums[bin] / counts[bin],
            counts[bin] == 0 ? null : (double)positives[bin] / counts[bin]))];
    }
}

/// <summary>One row of a reliability table.</summary>
/// <param name="From">The least probability of the bin, included.</param>
/// <param name="To">Where the next bin starts; included only in the last bin.</param>
/// <param name="Count">How many predictions fell in it.</param>
/// <param name="MeanProbability">What they predicted on average; null in an empty bin.</param>
/// <param name="Frequency">The share that came true; null in an empty bin.</param>
public sealed record ReliabilityBin(double From, double To, long Count, double? MeanProbability, double? Frequency);
