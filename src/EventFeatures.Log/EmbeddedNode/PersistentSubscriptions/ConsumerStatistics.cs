namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>How much was delivered, and how fast the newest answers came.</summary>
internal sealed class ConsumerStatistics
{
    private const int LatenciesMax = 1000;

    private readonly List<long> _latencies = [];
    private int _next;
    private long _measured;
    private long _measuredAt;

    public long Total { get; private set; }

    public void Deliver() => Total++;

    /// <summary>Notes the milliseconds from a delivery to its acknowledgement; only the newest are kept.</summary>
    public void Answer(long milliseconds)
    {
        if (_latencies.Count < LatenciesMax) _latencies.Add(milliseconds);
        else _latencies[_next++ % LatenciesMax] = milliseconds;
    }

    /// <summary>Deliveries since the last measurement, and their rate a second.</summary>
    public (long Count, int PerSecond) Measure(TimeProvider time)
    {
        var now = time.GetTimestamp();
        var count = Total - _measured;
        var seconds = _measuredAt == 0 ? 0 : time.GetElapsedTime(_measuredAt, now).TotalSeconds;
        (_measured, _measuredAt) = (Total, now);
        return (count, seconds > 0 ? (int)Math.Min(int.MaxValue, count / seconds) : 0);
    }

    /// <summary>The newest latencies by the names that a real server gives them, in milliseconds.</summary>
    public IEnumerable<(string Name, long Value)> Latencies()
    {
        if (_latencies.Count == 0) yield break;
        var sorted = _latencies.Order().ToList();
        long At(double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
        yield return ("Mean", (long)sorted.Average());
        yield return ("Median", At(0.5));
        yield return ("Fastest", sorted[0]);
        for (var fifth = 1; fifth <= 5; fifth++) yield return (FormattableString.Invariant($"Quintile {fifth}"), At(fifth / 5.0));
        foreach (var percent in new[] { 90, 95, 99, 99.5, 99.9 }) yield return (FormattableString.Invariant($"{percent}%"), At(percent / 100));
        yield return ("Highest", sorted[^1]);
    }
}
