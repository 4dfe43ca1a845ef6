namespace EventFeatures.Core.Statistics;

/// <summary>Mean negative log-likelihood of the outcomes.</summary>
public static class LogLoss
{
    /// <summary>How far from 0 and 1 a probability is held, so that one confident miss costs 34.5 and not infinity.</summary>
    public const double Clamp = 1e-15;

    /// <summary><c>-1/n sum(y ln p + (1 - y) ln(1 - p))</c> in nats, with <c>p</c> held in [1e-15, 1 - 1e-15].</summary>
    /// <returns>At least 0, in nats; 0 is perfect. <see langword="null"/> when nothing was scored.</returns>
    /// <remarks>Source: Good, "Rational Decisions", JRSS B 14 (1952).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A probability is NaN or outside [0, 1].</exception>
    public static double? Of(IReadOnlyList<ScoredOutcome> scored)
    {
        ScoredOutcome.Check(scored);
        if (scored.Count == 0) return null;
        var sum = 0.0;
        foreach (var (probability, outcome) in scored)
            sum -= Math.Log(Math.Clamp(outcome ? probability : 1 - probability, Clamp, 1 - Clamp));
        return sum / scored.Count;
    }
}
