namespace EventFeatures.Core.Statistics;

/// <summary>Area under the receiver operating characteristic.</summary>
public static class Auc
{
    /// <summary>
    /// The chance that a random positive was scored above a random negative, a tie counting one half:
    /// <c>(#{p > n} + #{p = n} / 2) / (P N)</c>.
    /// </summary>
    /// <returns>In [0, 1]; 0.5 ranks no better than chance. <see langword="null"/> when either class is absent.</returns>
    /// <remarks>
    /// Exact: pairs are counted in integers, and one division rounds. Independent of the rows' order.
    /// Source: Hanley and McNeil, Radiology 143 (1982); equal to the Mann-Whitney statistic U / (P N).
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A probability is NaN or outside [0, 1].</exception>
    public static double? Of(IReadOnlyList<ScoredOutcome> scored)
    {
        ScoredOutcome.Check(scored);
        var ascending = scored.ToArray();
        Array.Sort(ascending, (left, right) => left.Probability.CompareTo(right.Probability));

        // Twice U, so that a half for each tie stays an integer.
        Int128 wins = 0;
        long positives = 0, negatives = 0;
        for (var start = 0; start < ascending.Length;)
        {
            long tiedPositives = 0, tiedNegatives = 0;
            var end = start;
            for (; end < ascending.Length && ascending[end].Probability == ascending[start].Probability; end++)
                if (ascending[end].Outcome) tiedPositives++;
                else tiedNegatives++;
            wins += (Int128)tiedPositives * (2 * negatives + tiedNegatives);
            positives += tiedPositives;
            negatives += tiedNegatives;
            start = end;
        }
        return positives == 0 || negatives == 0 ? null : (double)wins / (2.0 * positives * negatives);
    }
}
