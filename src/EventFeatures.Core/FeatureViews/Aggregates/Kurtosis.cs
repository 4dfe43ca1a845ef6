using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>kurtosis</c>: the excess kurtosis of the non-null inputs, <c>g2 = m4 / m2^2 - 3</c> with the central moments
/// <c>mk = sum (x - mean)^k / n</c>, a number that is 0 for a normal distribution, computed exactly and rounded once.
/// With <c>estimator: sample</c> it is <c>G2 = (n - 1) ((n + 1) g2 + 6) / ((n - 2) (n - 3))</c>. Null over none, where all
/// inputs are equal, and for <c>G2</c> over fewer than four; NaN if an input is not finite.
/// </summary>
/// <remarks>Source: D. N. Joanes and C. A. Gill, Comparing measures of sample skewness and kurtosis, 1998.</remarks>
internal sealed class Kurtosis : Aggregate
{
    public override string Name => "kurtosis";

    public override string Accepts => "an integer, number or decimal";

    public override IReadOnlyList<string> Parameters => ["estimator"];

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override Accumulator Start(AggregateInput input)
    {
        var ofSample = input.Parameters.OfSample;
        return new SumsFold(NumericSums.For(input.Kind, powers: 4), sums => SumsFold.Measure(sums, powers => powers.Kurtosis(ofSample)));
    }
}
