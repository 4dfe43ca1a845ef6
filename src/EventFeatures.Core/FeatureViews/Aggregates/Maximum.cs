using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>max</c>: the greatest non-null input, of the inputs' kind. Null over none. NaN is greater than every number and
/// <c>-0.0</c> less than <c>0.0</c>; strings compare by code unit. Over lists of numbers it is taken element by element.
/// </summary>
internal sealed class Maximum : ElementwiseAggregate
{
    public override string Name => "max";

    public override string Accepts => "an integer, number, decimal, string, timestamp or date, or a list of numbers";

    protected override ValueShape? ResultOfOne(ValueShape? input) => ExtremeFold.Result(input);

    protected override RunFold? TabulateOne(ValueKind kind, InputRun inputs) => ExtremeRun.TryOf(inputs, kind, 1);

    protected override Accumulator StartOne(ValueKind kind) => new ExtremeFold(1);
}
