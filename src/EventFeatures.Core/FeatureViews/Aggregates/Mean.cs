using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>mean</c>: the exact sum of the non-null inputs over their count, as the nearest number (rounded once).
/// Null over none.
/// </summary>
internal sealed class Mean : Aggregate
{
    public override string Name => "mean";

    public override string Accepts => "an integer, number or decimal";

    public override ValueKind Result(ValueKind input) => SumsFold.Takes(input) ? ValueKind.Number : ValueKind.Null;

    public override Accumulator Start(ValueKind input) =>
        new SumsFold(NumericSums.For(input, squares: false), sums => sums.Count == 0 ? Value.Null : Value.Of(sums.Mean()));
}
