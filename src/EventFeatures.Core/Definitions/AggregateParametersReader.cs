using EventFeatures.Core.FeatureViews.Aggregates;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads what a feature says beside <c>aggregate</c>. Which aggregate takes what is checked with the view as a whole.</summary>
internal static class AggregateParametersReader
{
    public static readonly IReadOnlyList<string> Keys =
        ["k", "percentile", "half_life", "bins", "max_values", "max_groups", "nulls", "estimator"];

    public static AggregateParameters Read(MappingReader feature) => new()
    {
        K = feature.Integer("k"),
        Percentile = feature.Decimal("percentile"),
        HalfLife = feature.Duration("half_life"),
        Bins = feature.Integer("bins"),
        ValuesMax = feature.Integer("max_values"),
        GroupsMax = feature.Integer("max_groups"),
        KeepNulls = feature.OneOf("nulls", "ignore", "keep") == "keep",
        OfSample = feature.OneOf("estimator", "population", "sample") == "sample",
    };
}
