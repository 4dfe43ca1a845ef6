using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>first_k</c> and <c>last_k</c>: a list of the first or last <c>k</c> non-null inputs, oldest first in both, by event
/// time and then position; shorter where there are fewer, empty over none. With <c>nulls: keep</c> null inputs count.
/// </summary>
internal sealed class PlacesList(int sign) : Aggregate
{
    public override string Name => sign > 0 ? "last_k" : "first_k";

    public override string Accepts => "any field or expression";

    public override IReadOnlyList<string> Parameters => ["k", "nulls"];

    public override ValueShape? Result(ValueShape? input) => input is null ? null : ValueShape.ListOf(input);

    public override IEnumerable<AggregateIssue> Check(AggregateInput input) => ParameterRules.K(Name, input);

    public override Accumulator Start(AggregateInput input) => new PlacesFold((int)input.Parameters.K!, sign, values => Value.Of(values));
}
