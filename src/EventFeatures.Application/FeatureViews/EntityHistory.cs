using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.FeatureViews;

/// <summary>
/// One entity's admitted rows, in fold order, made ready for many questions. Usually a question knows the first so
/// many rows and no other; they are handed out as they are, and rows are picked one by one only where recording was
/// out of order just there.
/// </summary>
internal sealed class EntityHistory
{
    private readonly FeatureRow[] _rows;

    // The latest recording, and the last position, among the first so many rows: neither ever falls.
    private readonly Instant[] _recordedMax;
    private readonly ulong[] _positionMax;

    public EntityHistory(IReadOnlyList<FeatureRow> rows)
    {
        _rows = [.. rows];
        _recordedMax = new Instant[_rows.Length];
        _positionMax = new ulong[_rows.Length];
        var (recorded, position) = (Instant.MinValue, 0ul);
        for (var i = 0; i < _rows.Length; i++)
        {
            if (_rows[i].RecordedAt != FileLog.RecordedAtUnstated && _rows[i].RecordedAt > recorded) recorded = _rows[i].RecordedAt;
            (_recordedMax[i], _positionMax[i]) = (recorded, position = Math.Max(position, _rows[i].Position.Value));
        }
    }

    /// <summary>The rows at or before the line's time that it knows of.</summary>
    public IReadOnlyList<FeatureRow> Known(SpineLine line)
    {
        var until = CountWhile(_rows.Length, index => _rows[index].OccurredAt <= line.Time);
        var known = line.KnownAt is { } position
            ? CountWhile(until, index => _positionMax[index] <= (ulong)position)
            : CountWhile(until, index => _recordedMax[index] <= line.Time);
        var first = new ArraySegment<FeatureRow>(_rows, 0, known);
        var others = _rows.Skip(known).Take(until - known).Where(line.Knows).ToList();
        return others.Count == 0 ? first : [.. first, .. others];
    }

    /// <summary>How many of the first rows meet a condition that holds up to some row and then no more.</summary>
    private static int CountWhile(int count, Func<int, bool> holds)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (holds(middle)) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
