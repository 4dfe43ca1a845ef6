namespace EventFeatures.Application.TrainingSets.Consistency;

/// <summary>Counts what was compared and what differs.</summary>
internal sealed class ConsistencyTally
{
    public const string Served = "served";
    public const string Online = "online";

    private readonly Dictionary<string, PathCounts> _paths = new() { [Served] = new PathCounts(0, 0, 0), [Online] = new PathCounts(0, 0, 0) };
    private readonly SortedDictionary<(string Path, string Feature), FeatureMismatch> _mismatches = [];
    private readonly SortedDictionary<string, long> _notComparable = new(StringComparer.Ordinal);
    private long _withoutFeatures;

    /// <summary>A vector was compared.</summary>
    /// <param name="path">Where it comes from.</param>
    /// <param name="values">How many values it has.</param>
    public void Compared(string path, int values) => _paths[path] = _paths[path] with { Vectors = _paths[path].Vectors + 1, Values = _paths[path].Values + values };

    /// <summary>One of its values differs.</summary>
    /// <param name="path">Where it comes from.</param>
    /// <param name="feature">Which.</param>
    /// <param name="example">The finding for people; only the first of a feature is kept.</param>
    public void Differs(string path, string feature, string example)
    {
        _paths[path] = _paths[path] with { Differing = _paths[path].Differing + 1 };
        var known = _mismatches.GetValueOrDefault((path, feature)) ?? new FeatureMismatch(path, feature, 0, example);
        _mismatches[(path, feature)] = known with { Count = known.Count + 1 };
    }

    /// <summary>A prediction has no vector.</summary>
    public void WithoutFeatures() => _withoutFeatures++;

    /// <summary>A prediction's definitions are gone.</summary>
    public void NotComparable(string code) => _notComparable[code] = _notComparable.GetValueOrDefault(code) + 1;

    public ConsistencyReport Report() => new(_paths[Served], _paths[Online], [.. _mismatches.Values], _withoutFeatures, _notComparable);
}
