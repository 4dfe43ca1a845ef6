using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// The events of the last two batches, the one in flight and the one being prepared, which storage need not show yet. Noting
/// them costs next to nothing, so that finding one means looking through all appends.
/// </summary>
internal sealed class LatestEvents
{
    private List<StoredEvent[]> _before = [];
    private List<StoredEvent[]> _now = [];

    /// <summary>Lets go of the batch before the last.</summary>
    public void BeginBatch()
    {
        (_before, _now) = (_now, _before);
        _now.Clear();
    }

    /// <summary>Adds what one append adds to one stream.</summary>
    public void Note(StoredEvent[] appended) => _now.Add(appended);

    /// <summary>Those of a stretch of a stream.</summary>
    public IEnumerable<StoredEvent> Stretch(string stream, long first, int count) =>
        _before.Concat(_now)
            .Where(appended => string.Equals(appended[0].Stream, stream, StringComparison.Ordinal))
            .SelectMany(appended => appended)
            .Where(each => each.Revision >= first && each.Revision - first < count);

    public void Clear()
    {
        _before.Clear();
        _now.Clear();
    }
}
