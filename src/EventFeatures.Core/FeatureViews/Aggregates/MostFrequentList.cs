using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>most_frequent_k</c>: a list of the <c>k</c> non-null inputs that occur most often, most often first, and of those
/// that occur equally often the least first. Exact. Empty over none; null over more than <c>max_values</c> different ones.
/// </summary>
internal sealed class MostFrequentList : FrequencyAggregate
{
    public override string Name => "most_frequent_k";

    public override IReadOnlyList<string> Parameters => ["k", "max_values"];

    public override IEnumerable<AggregateIssue> Check(AggregateInput input) => ParameterRules.K(Name, input).Concat(ParameterRules.ValuesMax(input));

    protected override ValueShape ResultOver(ValueShape input) => ValueShape.ListOf(input);

    protected override Value Finish(IReadOnlyDictionary<Value, long> counts, AggregateParameters parameters) => Value.Of(
    [
        .. counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key, ValueText.Order).Take((int)parameters.K!).Select(one => one.Key),
    ]);
}
