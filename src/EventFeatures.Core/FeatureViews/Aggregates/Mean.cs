using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>mean</c>: the exact sum of the non-null inputs over their count, as the nearest number (rounded once).
/// Null over none. Over lists of numbers it is taken element by element.
/// </summary>
internal sealed class Mean : ElementwiseAggregate
{
    public override string Name => "mean";

    public override string Accepts => "an integer, number or decimal, or a list of them";

    protected override ValueShape? ResultOfOne(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    protected override RunFold? TabulateOne(ValueKind kind, InputRun inputs) => SumRun.TryOf(inputs, kind, mean: true);

    protected override Accumulator StartOne(ValueKind kind) =>
        new SumsFold(NumericSums.For(kind), sums => sums.Count == 0 ? Value.Null : Value.Of(sums.Mean()));
}
