using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>var_pop</c> is <c>(n Sxx - Sx^2) / n^2</c> and <c>var_samp</c> <c>(n Sxx - Sx^2) / (n (n - 1))</c> over the non-null
/// inputs, a number; <c>stddev_pop</c> and <c>stddev_samp</c> are their square roots. The quotient is exact and rounded
/// once; the root is IEEE 754's. Null over none, for <c>_samp</c> also over one; NaN if an input is not finite.
/// </summary>
/// <remarks>The names and the denominators are SQL's (ISO/IEC 9075-2, set functions).</remarks>
internal sealed class Variance(bool ofSample, bool root) : Aggregate
{
    public override string Name => (root ? "stddev_" : "var_") + (ofSample ? "samp" : "pop");

    public override string Accepts => "an integer, number or decimal";

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override Accumulator Start(AggregateInput input) => new SumsFold(NumericSums.For(input.Kind, powers: 2), sums =>
    {
        if (sums.Count < (ofSample ? 2 : 1)) return Value.Null;
        var variance = sums.Powers()?.Variance(ofSample) ?? double.NaN;
        return Value.Of(root ? Math.Sqrt(variance) : variance);
    });
}
