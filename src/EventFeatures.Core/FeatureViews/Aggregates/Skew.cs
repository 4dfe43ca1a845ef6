using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>skew</c>: the skewness of the non-null inputs, <c>g1 = m3 / m2^(3/2)</c> with the central moments
/// <c>mk = sum (x - mean)^k / n</c>, a number, computed exactly and rounded once. With <c>estimator: sample</c> the
/// adjusted Fisher-Pearson coefficient <c>G1 = g1 sqrt(n (n - 1)) / (n - 2)</c>. Null over none, where all inputs are
/// equal, and for <c>G1</c> over fewer than three; NaN if an input is not finite.
/// </summary>
/// <remarks>Source: D. N. Joanes and C. A. Gill, Comparing measures of sample skewness and kurtosis, 1998.</remarks>
internal sealed class Skew : Aggregate
{
    public override string Name => "skew";

    public override string Accepts => "an integer, number or decimal";

    public override IReadOnlyList<string> Parameters => ["estimator"];

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override Accumulator Start(AggregateInput input)
    {
        var ofSample = input.Parameters.OfSample;
        return new SumsFold(NumericSums.For(input.Kind, powers: 3), sums => SumsFold.Measure(sums, powers => powers.Skewness(ofSample)));
    }
}
