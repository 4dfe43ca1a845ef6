namespace EventFeatures.Benchmarks;

/// <summary>What the rates of several rounds lie between: a machine that others share is not equally fast in all of them.</summary>
/// <param name="Count">How many rounds there were.</param>
/// <param name="Least">The least rate of a round, a second.</param>
/// <param name="Best">The best.</param>
internal sealed record RoundSpread(int Count, double Least, double Best)
{
    public override string ToString() => FormattableString.Invariant($" ({Least:N0} to {Best:N0})");
}
