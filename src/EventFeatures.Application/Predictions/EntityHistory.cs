using EventFeatures.Application.Events.Moving;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.Predictions;

/// <summary>All that the log holds of one entity, read by one view: the rows that count, in the log's order.</summary>
internal sealed class EntityHistory
{
    private readonly FeatureRow[] _rows;
    private readonly bool _isInFoldOrder;

    /// <param name="rows">The rows in the log's order.</param>
    /// <param name="isTruncated">Whether the log no longer holds all of a stream that may have held some.</param>
    public EntityHistory(FeatureRow[] rows, bool isTruncated)
    {
        _rows = rows;
        IsTruncated = isTruncated;
        _isInFoldOrder = true;
        for (var i = 1; i < rows.Length && _isInFoldOrder; i++)
            _isInFoldOrder = FeatureRow.FoldOrder.Compare(rows[i - 1], rows[i]) <= 0;
    }

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Length;

    /// <summary>Whether some events of a stream cannot be read any more, so that values may lack them.</summary>
    public bool IsTruncated { get; }

    /// <summary>The rows in the log's order.</summary>
    public IReadOnlyList<FeatureRow> InLogOrder => _rows;

    /// <summary>Reads the entity's streams to their ends, and admits their events as the view does. For views keyed by stream.</summary>
    public static async Task<EntityHistory> ReadAsync(IEventLog log, CompiledView view, string entityKey, CancellationToken cancellation)
    {
        var admission = new LogAdmission(view);
        var rows = new List<FeatureRow>();
        var (streams, isTruncated) = (view.StreamsOf(entityKey), false);
        foreach (var stream in streams)
        {
            var next = 0L;
            await foreach (var recorded in log.ReadStreamAsync(stream, cancellation: cancellation))
            {
                isTruncated |= recorded.Revision != next || CopiedEvents.IsPlaceholder(recorded);
                next = recorded.Revision + 1;
                rows.AddRange(admission.Offer(recorded).Rows);
            }
            isTruncated |= next == 0 && await EverHadMetadataAsync(log, stream, cancellation);
        }
        if (streams.Count > 1) rows.Sort((left, right) => left.Position.CompareTo(right.Position));
        return new EntityHistory([.. rows], isTruncated);
    }

    // Without any event, a stream that was emptied looks like one that never was; but what empties it is metadata.
    private static async Task<bool> EverHadMetadataAsync(IEventLog log, string stream, CancellationToken cancellation)
    {
        try
        {
            return (await log.GetStreamMetadataAsync(stream, cancellation)).Revision is not null;
        }
        catch (FormatException)
        {
            // What cannot be read bounds nothing now, but something before it may have.
            return true;
        }
    }

    /// <summary>The rows that were known at a position, in <see cref="FeatureRow.FoldOrder"/>.</summary>
    public IReadOnlyList<FeatureRow> KnownAt(Position position) => Prefix(CountKnownAt(position));

    /// <summary>How many rows were known at a position.</summary>
    public int CountKnownAt(Position position)
    {
        var (low, high) = (0, _rows.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_rows[middle].Position <= position) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The first rows of the log's order, in <see cref="FeatureRow.FoldOrder"/>.</summary>
    public IReadOnlyList<FeatureRow> Prefix(int count)
    {
        // Most entities' events arrive in order, and then no prediction needs a copy.
        if (_isInFoldOrder) return new ArraySegment<FeatureRow>(_rows, 0, count);
        var rows = _rows[..count];
        Array.Sort(rows, FeatureRow.FoldOrder);
        return rows;
    }
}
