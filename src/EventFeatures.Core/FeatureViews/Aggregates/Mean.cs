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

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override Accumulator Start(AggregateInput input) =>
        new SumsFold(NumericSums.For(input.Kind, squares: false), sums => sums.Count == 0 ? Value.Null : Value.Of(sums.Mean()));
}
