using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>distinct_values</c>: a list of the different non-null inputs, least first. Empty over none; null over more than
/// <c>max_values</c> different ones.
/// </summary>
internal sealed class DistinctValues : FrequencyAggregate
{
    public override string Name => "distinct_values";

    protected override ValueShape ResultOver(ValueShape input) => ValueShape.ListOf(input);

    protected override Value Finish(IReadOnlyDictionary<Value, long> counts, AggregateParameters parameters) =>
        Value.Of([.. counts.Keys.Order(ValueText.Order)]);
}
