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
        new Variance(ofSample: false, root: false),
        new Variance(ofSample: true, root: false),
        new Variance(ofSample: false, root: true),
        new Variance(ofSample: true, root: true),
        new Skew(),
        new Kurtosis(),
        new First(),
        new Last(),
        new PlacesList(-1),
        new PlacesList(1),
        new DistinctPlacesList(-1),
        new DistinctPlacesList(1),
        new Lag(),
        new DistinctCount(),
        new DistinctValues(),
        new Percentile(isMedian: false),
        new Percentile(isMedian: true),
        new Histogram(),
        new ApproximateHistogram(),
        new ExtremesList(1),
        new ExtremesList(-1),
        new MostFrequentList(),
        new Entropy(),
        new MovingAverage(),
        new Rate(),
        new Slope(),
        new Drawdown(),
        new BooleanOver(decides: true),
        new BooleanOver(decides: false),
        new SecondsSince(1),
        new SecondsSince(-1),
    }.ToDictionary(aggregate => aggregate.Name, StringComparer.Ordinal);

    /// <summary>The names, in the order of registration.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The aggregate of a name, or <see langword="null"/>.</summary>
    public static Aggregate? Find(string name) => ByName.GetValueOrDefault(name);
}
