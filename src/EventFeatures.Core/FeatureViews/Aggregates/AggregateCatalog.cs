namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>All aggregates, by name.</summary>
public static class AggregateCatalog
{
    private static readonly Dictionary<string, Aggregate> ByName = new Aggregate[]
    {
        new Count(),
        new Sum(),
        new Mean(),
        new Minimum(),
        new Maximum(),
        new SampleStandardDeviation(),
        new First(),
        new Last(),
        new DistinctCount(),
        new SecondsSinceLast(),
    }.ToDictionary(aggregate => aggregate.Name, StringComparer.Ordinal);

    /// <summary>The names, in the order of registration.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The aggregate of a name, or <see langword="null"/>.</summary>
    public static Aggregate? Find(string name) => ByName.GetValueOrDefault(name);
}
