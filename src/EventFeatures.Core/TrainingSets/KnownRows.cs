using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.TrainingSets;

/// <summary>
/// One entity's admitted rows, and which of them were known when. Events mostly come in order; then what was known is
/// the beginning of a list and is found without looking at every row. Safe for any number of threads.
/// </summary>
public sealed class KnownRows
{
    private readonly FeatureRow[] _rows;

    /// <summary>Takes the rows of one entity.</summary>
    /// <param name="rows">All admitted rows, in <see cref="FeatureRow.FoldOrder"/>.</param>
    public KnownRows(IReadOnlyList<FeatureRow> rows)
    {
        _rows = [.. rows];
        IsOrdered = true;
        for (var i = 1; i < _rows.Length && IsOrdered; i++)
            IsOrdered = _rows[i - 1].Position < _rows[i].Position && _rows[i - 1].RecordedAt <= _rows[i].RecordedAt;
    }

    /// <summary>Whether events came in order, so that what was known at any time shares the one list of rows.</summary>
    public bool IsOrdered { get; }

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Length;

    /// <summary>The rows up to a position, included, in <see cref="FeatureRow.FoldOrder"/>.</summary>
    public IReadOnlyList<FeatureRow> UpTo(Position position) => Known(row => row.Position <= position);

    /// <summary>The rows that had been recorded by an instant, included, in <see cref="FeatureRow.FoldOrder"/>.</summary>
    public IReadOnlyList<FeatureRow> RecordedBy(Instant instant) => Known(row => row.RecordedAt <= instant);

    /// <summary>All rows.</summary>
    public IReadOnlyList<FeatureRow> All => _rows;

    /// <summary>Whether what was known is the first so many of all rows.</summary>
    internal bool IsFirstPart(IReadOnlyList<FeatureRow> known) => IsOrdered || ReferenceEquals(known, _rows);

    /// <summary>All rows, made ready for many points in time.</summary>
    internal HistoryFold HistoryOf(CompiledView view) => new(view, _rows);

    private IReadOnlyList<FeatureRow> Known(Func<FeatureRow, bool> isKnown)
    {
        if (!IsOrdered) return Array.FindAll(_rows, row => isKnown(row));
        var (low, high) = (0, _rows.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (isKnown(_rows[middle])) low = middle + 1;
            else high = middle;
        }
        return new ArraySegment<FeatureRow>(_rows, 0, low);
    }
}
