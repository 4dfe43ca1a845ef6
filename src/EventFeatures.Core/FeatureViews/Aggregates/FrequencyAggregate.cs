using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// An aggregate of how often each different input occurs. It tells apart <c>max_values</c> of them, 1,000 unless said
/// otherwise and 10,000 at most; over more it is null.
/// </summary>
internal abstract class FrequencyAggregate : Aggregate
{
    public override string Accepts => "an integer, number, decimal, boolean, string, timestamp or date";

    public override IReadOnlyList<string> Parameters => ["max_values"];

    public sealed override ValueShape? Result(ValueShape? input) =>
        input is not null && ValueOrder.Covers(input.Kind) ? ResultOver(input) : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input) => ParameterRules.ValuesMax(input);

    public sealed override Accumulator Start(AggregateInput input)
    {
        var parameters = input.Parameters;
        return new FrequencyFold((int)(parameters.ValuesMax ?? ParameterRules.ValuesDefault), counts => Finish(counts, parameters));
    }

    /// <summary>The shape of the result.</summary>
    protected abstract ValueShape ResultOver(ValueShape input);

    /// <summary>The result over the counts of all different inputs, in no order.</summary>
    protected abstract Value Finish(IReadOnlyDictionary<Value, long> counts, AggregateParameters parameters);
}
