using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>
/// The event times of rows in fold order. Points in time mostly come in order too, so each search begins where the same
/// one ended the last time. Not safe for concurrent use.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="searches">How many searches there are that move on their own.</param>
internal sealed class EventTimes(ReadOnlySpan<FeatureRow> rows, int searches)
{
    // Further away than this, halving is faster than walking.
    private const int NearMax = 8;

    private readonly long[] _times = TimesOf(rows);
    private readonly int[] _ends = new int[searches];

    public Instant this[int row] => new(_times[row]);

    /// <summary>How many of the first <paramref name="count"/> rows occurred at or before an instant.</summary>
    public int CountUntil(Instant until, int count, int search)
    {
        var at = _ends[search];
        var (low, high) = (0, _times.Length);
        for (var steps = 0; low < high && steps < NearMax; steps++)
        {
            if (at < high && _times[at] <= until.Microseconds) low = ++at;
            else if (at > low && _times[at - 1] > until.Microseconds) high = --at;
            else (low, high) = (at, at);
        }
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_times[middle] <= until.Microseconds) low = middle + 1;
            else high = middle;
        }
        _ends[search] = low;
        return Math.Min(low, count);
    }

    private static long[] TimesOf(ReadOnlySpan<FeatureRow> rows)
    {
        var times = new long[rows.Length];
        for (var i = 0; i < times.Length; i++) times[i] = rows[i].OccurredAt.Microseconds;
        return times;
    }
}
