using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>last</c>: the last non-null input by event time, then position, as it was; null over none. With
/// <c>nulls: keep</c> the last input even if it is null.
/// </summary>
internal sealed class Last : Aggregate
{
    public override string Name => "last";

    internal override FoldedRows Folded => FoldedRows.Newest;

    public override string Accepts => "any field or expression";

    public override IReadOnlyList<string> Parameters => ["nulls"];

    public override ValueShape? Result(ValueShape? input) => input;

    internal override RunFold? Tabulate(AggregateInput input, InputRun inputs) => new EdgeRun(inputs, 1);

    public override Accumulator Start(AggregateInput input) => new EdgeFold(1);
}
