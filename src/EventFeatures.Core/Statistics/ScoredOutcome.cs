namespace EventFeatures.Core.Statistics;

/// <summary>One prediction whose outcome is known.</summary>
/// <param name="Probability">The predicted probability of the positive outcome, in [0, 1].</param>
/// <param name="Outcome">Whether the positive outcome came true.</param>
public readonly record struct ScoredOutcome(double Probability, bool Outcome)
{
    /// <summary>Refuses a list that holds something other than probabilities, naming the first such row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A probability is NaN or outside [0, 1].</exception>
    internal static void Check(IReadOnlyList<ScoredOutcome> scored)
    {
        ArgumentNullException.ThrowIfNull(scored);
        for (var row = 0; row < scored.Count; row++)
            if (!(scored[row].Probability is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(scored), scored[row].Probability,
                    $"Row {row} is not a probability. Give values in [0, 1]; leave out what was not scored.");
    }
}
