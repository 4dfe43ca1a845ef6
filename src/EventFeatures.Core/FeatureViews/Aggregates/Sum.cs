using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>sum</c>: the exact sum of the non-null inputs, rounded once. Null over none. A number over numbers (NaN if one
/// is NaN); a decimal over decimals and, as in SQL, over integers, where 64 bits could overflow. Over lists of numbers
/// it is taken element by element.
/// </summary>
internal sealed class Sum : ElementwiseAggregate
{
    public override string Name => "sum";

    public override string Accepts => "an integer, number or decimal, or a list of them";

    protected override ValueShape? ResultOfOne(ValueShape? input) => input?.Kind switch
    {
        ValueKind.Number => ValueKind.Number,
        ValueKind.Integer or ValueKind.Decimal => ValueKind.Decimal,
        _ => null,
    };

    protected override RunFold? TabulateOne(ValueKind kind, InputRun inputs) => SumRun.TryOf(inputs, kind, mean: false);

    protected override Accumulator StartOne(ValueKind kind) =>
        new SumsFold(NumericSums.For(kind), sums => sums.Count == 0 ? Value.Null : sums.Sum());
}
