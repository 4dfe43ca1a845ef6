using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>lag</c>: the non-null input <c>k</c> before the last one, by event time and then position; <c>k</c> is 1 unless
/// said otherwise, and <c>k: 0</c> is the last itself. Of the input's kind; null where there are no more than <c>k</c>.
/// With <c>nulls: keep</c> null inputs count.
/// </summary>
/// <remarks>SQL's <c>lag(value, k)</c> at the window's last row.</remarks>
internal sealed class Lag : Aggregate
{
    public override string Name => "lag";

    public override string Accepts => "any field or expression";

    public override IReadOnlyList<string> Parameters => ["k", "nulls"];

    public override ValueShape? Result(ValueShape? input) => input;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input) => ParameterRules.K(Name, input, least: 0, isNeeded: false);

    public override Accumulator Start(AggregateInput input)
    {
        var kept = (int)(input.Parameters.K ?? 1) + 1;
        return new PlacesFold(kept, sign: 1, values => values.Count < kept ? Value.Null : values[0]);
    }
}
