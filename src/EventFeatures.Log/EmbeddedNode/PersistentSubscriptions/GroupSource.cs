using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// What a group subscribes to: from storage while it is behind, from the tail of recent events when it has caught
/// up. It holds no more than one page and never polls.
/// </summary>
internal sealed class GroupSource(GroupDefinition definition, NodeServices node, long after)
{
    private readonly EventMatcher? _matcher = definition.Filter?.ToMatcher();
    private readonly string? _stream = definition.Key.IsWholeLog ? null : definition.Source;
    private readonly LinkStream? _links = LinkStream.Of(definition.Source);
    private readonly StoredEvent[] _chunk = new StoredEvent[256];

    // The last place that was read, the position to go on from, and of a link stream the last link before it.
    private (long After, long Next, long LastLink) _at = (after, definition.Key.IsWholeLog ? Math.Max(1, after + 1) : 1, -1);

    // What storage holds of the stream, and the log's end before that was asked for.
    private (StreamExtent Extent, long Head)? _history;
    private volatile bool _isBehind = true;

    public bool IsBehind => _isBehind;

    /// <summary>The next events, once there are any; perhaps none that is wanted, but then some were passed.</summary>
    public async Task<SourceBatch> ReadAsync(int countMax, CancellationToken cancellation)
    {
        while (true)
        {
            var before = _at;
            try
            {
                var batch = new SourceBatch();
                if (!_isBehind) await ReadTailAsync(batch, countMax, cancellation);
                else if (_stream is null) await ReadLogAsync(batch, countMax, cancellation);
                else await ReadStreamAsync(batch, _stream, countMax, cancellation);
                batch.ReadTo = _at.After;
                if (definition.Settings.ResolveLinks) await ResolveAsync(batch, cancellation);
                if (batch.Messages.Count > 0 || batch.Passed > 0) return batch;
            }
            catch
            {
                // Nobody got what was read so far, so it is read again.
                (_at, _history, _isBehind) = (before, null, true);
                throw;
            }
        }
    }

    private async Task ReadTailAsync(SourceBatch batch, int countMax, CancellationToken cancellation)
    {
        await node.Tail.WaitForAsync(_at.Next, cancellation);
        if (!node.Tail.TryRead(_at.Next, _chunk, out var count)) (_isBehind, _history) = (true, null);
        for (var i = 0; i < count && batch.Messages.Count < countMax; i++) TakeLive(batch, _chunk[i], isShared: true, cancellation);
        Array.Clear(_chunk);
    }

    private async Task ReadLogAsync(SourceBatch batch, int countMax, CancellationToken cancellation)
    {
        var rows = _matcher is null ? RowsOf(countMax) : EventPage.RowsFirst;
        // What is committed up to here is in storage, or was removed from it: a last page has seen it all.
        var head = node.Tail.Head;
        var from = _at.Next;
        var page = _matcher?.Prefixes is { } filter
            ? await node.Pages.AllForwardsAsync(filter, from, head, rows, cancellation)
            : await node.Pages.AllForwardsAsync(from, rows, cancellation);
        foreach (var stored in page.Events) TakeLive(batch, stored, isShared: false, cancellation);
        if (_matcher?.Prefixes is not null) PassOver(batch, page, from);
        if (page.IsLast) _at.Next = Math.Max(_at.Next, head + 1);
        _isBehind = !page.IsLast;
    }

    // What storage looked at and left out.
    private void PassOver(SourceBatch batch, EventPage page, long from)
    {
        if (page.Next <= from) return;
        batch.Passed += (int)(page.Next - from) - page.Events.Count;
        (_at.After, _at.Next) = (page.Next - 1, page.Next);
    }

    private async Task ReadStreamAsync(SourceBatch batch, string stream, int countMax, CancellationToken cancellation)
    {
        // What is committed up to the head is in storage, so after the last page the tail continues without a gap.
        if (_history is null)
        {
            var head = node.Tail.Head;
            _history = (await node.Extents.OfAsync(stream, cancellation), head);
        }
        var extent = _history.Value.Extent;
        var from = Math.Max(_at.After + 1, extent.First);
        if (!extent.IsClosed && from <= extent.Last)
        {
            var page = await node.Pages.StreamForwardsAsync(stream, from, (int)Math.Min(RowsOf(countMax), extent.Last - from + 1), cancellation);
            foreach (var stored in page.Events)
            {
                if (extent.Shows(stored)) batch.Messages.Add(MessageOf(stored, stored.Revision));
                _at.After = stored.Revision;
            }
            if (page.Events.Count > 0 && _at.After < extent.Last) return;
        }
        _at.Next = Math.Max(_at.Next, Math.Max(_history.Value.Head, extent.Through) + 1);
        _at.LastLink = extent.Last;
        (_isBehind, _history) = (false, null);
    }

    // What is shared with its whole append is kept as a copy: a message would keep all of the append, which nobody counts.
    private void TakeLive(SourceBatch batch, StoredEvent stored, bool isShared, CancellationToken cancellation)
    {
        _at.Next = stored.Position + 1;
        if (_stream is null) TakeOfLog(batch, stored, isShared, cancellation);
        else if (_links is null) TakeOfStream(batch, stored, isShared);
        else if (_links.Matches(stored)) TakeOfStream(batch, LinkEvents.To(stored, _links.Name, ++_at.LastLink), isShared);
    }

    private void TakeOfLog(SourceBatch batch, StoredEvent stored, bool isShared, CancellationToken cancellation)
    {
        _at.After = stored.Position;
        // What groups write of their own must not make other groups write in turn, for ever.
        if (IsOfGroups(stored)) return;
        if (_matcher?.Matches(stored, cancellation) == false) batch.Passed++;
        else batch.Messages.Add(MessageOf(isShared ? stored.Apart() : stored, stored.Position));
    }

    private void TakeOfStream(SourceBatch batch, StoredEvent stored, bool isShared)
    {
        if (stored.Revision <= _at.After || stored.Revision == WireNames.TombstoneRevision) return;
        if (!string.Equals(stored.Stream, _stream, StringComparison.Ordinal)) return;
        _at.After = stored.Revision;
        batch.Messages.Add(MessageOf(isShared ? stored.Apart() : stored, stored.Revision));
    }

    private async Task ResolveAsync(SourceBatch batch, CancellationToken cancellation)
    {
        foreach (var some in batch.Messages.ToList().Chunk(LinkResolver.EventsMax))
        {
            var led = await node.Links.ResolveAsync(some.Select(message => message.Source).ToArray(), cancellation);
            foreach (var message in some) message.Target = led.GetValueOrDefault(message.Source);
        }
    }

    private Message MessageOf(StoredEvent stored, long place) =>
        new(stored, null, place, isReplay: false) { IsLink = definition.Settings.ResolveLinks && LinkEvents.IsLink(stored) };

    private int RowsOf(int countMax) => Math.Clamp(countMax, 1, Math.Max(1, definition.Settings.ReadBatchSize));

    private static bool IsOfGroups(StoredEvent stored) =>
        stored.Stream.StartsWith(GroupKey.OwnStreamsPrefix, StringComparison.Ordinal)
        || stored.Stream.StartsWith(SystemStreams.MetadataOf(GroupKey.OwnStreamsPrefix), StringComparison.Ordinal);
}

/// <summary>What was read at once.</summary>
internal sealed class SourceBatch
{
    public List<Message> Messages { get; } = [];

    /// <summary>How many events of others were read past.</summary>
    public int Passed { get; set; }

    /// <summary>The last place that was read.</summary>
    public long ReadTo { get; set; }
}
