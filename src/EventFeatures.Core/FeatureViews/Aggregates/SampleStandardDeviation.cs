using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>stddev_samp</c>: <c>sqrt((n Sxx - Sx^2) / (n (n - 1)))</c> over the non-null inputs, a number. The quotient is
/// exact and rounded once; the root is IEEE 754's. Null over fewer than two inputs; NaN if one is not finite.
/// </summary>
internal sealed class SampleStandardDeviation : Aggregate
{
    public override string Name => "stddev_samp";

    public override string Accepts => "an integer, number or decimal";

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override Accumulator Start(AggregateInput input) => new SumsFold(
        NumericSums.For(input.Kind, squares: true),
        sums => sums.Count < 2 ? Value.Null : Value.Of(Math.Sqrt(sums.SampleVariance())));
}
