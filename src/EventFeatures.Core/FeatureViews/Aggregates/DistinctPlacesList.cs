using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>first_distinct_k</c>: a list of the <c>k</c> different non-null inputs that came up first, in the order in which
/// they first did. <c>last_distinct_k</c>: of the <c>k</c> that came up last, in the order in which they last did, so that
/// the newest stands at the end. By event time and then position; empty over none. Both zeros are one value.
/// </summary>
internal sealed class DistinctPlacesList(int sign) : Aggregate
{
    public override string Name => sign > 0 ? "last_distinct_k" : "first_distinct_k";

    public override string Accepts => "an integer, number, decimal, boolean, string, timestamp or date";

    public override IReadOnlyList<string> Parameters => ["k"];

    public override ValueShape? Result(ValueShape? input) =>
        input is not null && ValueOrder.Covers(input.Kind) ? ValueShape.ListOf(input) : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input) => ParameterRules.K(Name, input);

    public override Accumulator Start(AggregateInput input) => new DistinctPlacesFold((int)input.Parameters.K!, sign);
}
