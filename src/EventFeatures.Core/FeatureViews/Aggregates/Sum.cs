using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>sum</c>: the exact sum of the non-null inputs, rounded once. Null over none. A number over numbers (NaN if one
/// is NaN); a decimal over decimals and, as in SQL, over integers, where 64 bits could overflow.
/// </summary>
internal sealed class Sum : Aggregate
{
    public override string Name => "sum";

    public override string Accepts => "an integer, number or decimal";

    public override ValueShape? Result(ValueShape? input) => input?.Kind switch
    {
        ValueKind.Number => ValueKind.Number,
        ValueKind.Integer or ValueKind.Decimal => ValueKind.Decimal,
        _ => null,
    };

    public override Accumulator Start(AggregateInput input) =>
        new SumsFold(NumericSums.For(input.Kind, squares: false), sums => sums.Count == 0 ? Value.Null : sums.Sum());
}
