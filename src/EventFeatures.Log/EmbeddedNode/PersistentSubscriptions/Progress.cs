namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// How far a group has come in one source: what was read, what of it is unhandled, and the last place up to
/// which everything is handled, which alone may become a checkpoint.
/// </summary>
/// <param name="after">The last place that is not wanted; reading starts after it.</param>
internal sealed class Progress(long after)
{
    private readonly SortedSet<long> _unhandled = [];

    /// <summary>The last place that was read, wanted or not.</summary>
    public long Read { get; private set; } = after;

    /// <summary>The place up to which nothing is left to do.</summary>
    public long Handled => _unhandled.Count == 0 ? Read : _unhandled.Min - 1;

    /// <summary>The last place that is stored.</summary>
    public long Stored { get; private set; } = after;

    /// <summary>Messages handled since the last was stored.</summary>
    public int HandledCount { get; private set; }

    /// <summary>Unwanted events read past since the last was stored.</summary>
    public long PassedCount { get; private set; }

    public int Unhandled => _unhandled.Count;

    /// <summary>Notes a message that was read. Places ascend.</summary>
    public void Begin(long place)
    {
        if (place <= Read) throw new InvalidOperationException(FormattableString.Invariant($"Place {place} was read after {Read}."));
        Read = place;
        _unhandled.Add(place);
    }

    /// <summary>Notes events, up to a place, that nobody wants.</summary>
    public void Pass(long place, int events)
    {
        if (place <= Read) return;
        Read = place;
        PassedCount += events;
    }

    public void Handle(long place)
    {
        if (_unhandled.Remove(place)) HandledCount++;
    }

    /// <summary>A place that was handled is stored.</summary>
    public void Store(long place, int handledCount)
    {
        Stored = Math.Max(Stored, place);
        HandledCount -= handledCount;
        PassedCount = 0;
    }
}
