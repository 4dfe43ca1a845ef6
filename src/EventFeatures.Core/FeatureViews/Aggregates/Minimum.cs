using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>min</c>: the least non-null input, of the inputs' kind. Null over none. NaN is greater than every number and
/// <c>-0.0</c> less than <c>0.0</c>; strings compare by code unit.
/// </summary>
internal sealed class Minimum : Aggregate
{
    public override string Name => "min";

    public override string Accepts => "an integer, number, decimal, string, timestamp or date";

    public override ValueShape? Result(ValueShape? input) => ExtremeFold.Result(input);

    public override Accumulator Start(AggregateInput input) => new ExtremeFold(-1);
}
