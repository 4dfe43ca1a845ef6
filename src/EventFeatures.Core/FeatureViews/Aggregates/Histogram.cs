using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>histogram</c>: a map from each different non-null input, as text, to how often it occurs. Empty over none; null
/// over more than <c>max_values</c> different ones.
/// </summary>
internal sealed class Histogram : FrequencyAggregate
{
    public override string Name => "histogram";

    protected override ValueShape ResultOver(ValueShape input) => ValueShape.MapOf(ValueKind.Integer);

    protected override Value Finish(IReadOnlyDictionary<Value, long> counts, AggregateParameters parameters) =>
        Value.Of(counts.ToDictionary(one => ValueText.Of(one.Key), one => Value.Of(one.Value), StringComparer.Ordinal));
}
