using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>
/// A subscription to a stream or to the whole log. It pulls: from storage while it is behind, from the tail once
/// it has caught up, and back to storage when its consumer was too slow for the tail. It never polls, and holds
/// no more than one page.
/// </summary>
internal sealed class CatchUpSubscription(
    ReadRequest request, EventPages pages, StreamExtents extents, LinkResolver resolver, LogTail tail, EventFrames frames)
{
    private static readonly Dictionary<StoredEvent, StoredEvent?> NoLinks = [];

    private readonly StoredEvent[] _chunk = new StoredEvent[256];
    private readonly LinkStream? _links = request.Stream is { } stream ? LinkStream.Of(stream) : null;

    // The next position to look at, and for a stream the last revision that was sent.
    private long _next;
    private long _lastRevision = -1;
    private long _sinceCheckpoint;
    private long _told;
    private bool _caughtUp;

    // A stream's history is never taken from the tail, which knows nothing of its retention.
    private bool _hasHistory;

    // Of a link stream, the revision of the last link before the next position.
    private long _lastLink;

    /// <summary>Runs until the caller goes or the node stops.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var head = tail.Head;
        if (request.Stream is null) StartInLog(head);
        else await StartInStreamAsync(request.Stream, head, cancellation);
        frames.Write(new ReadResp { Confirmation = new ReadResp.Types.SubscriptionConfirmation { SubscriptionId = Guid.NewGuid().ToString() } });
        await frames.FlushAsync(cancellation);
        while (true)
        {
            var count = 0;
            if (_hasHistory || !tail.TryRead(_next, _chunk, out count)) await CatchUpAsync(cancellation);
            else if (count > 0) await SendChunkAsync(count, cancellation);
            else await RestAsync(cancellation);
        }
    }

    private async Task SendChunkAsync(int count, CancellationToken cancellation)
    {
        await SendAsync(_chunk.AsMemory(0, count), cancellation);
        // It may be long until the next events take their places.
        Array.Clear(_chunk, 0, count);
    }

    private void StartInLog(long head)
    {
        _next = request.FromEnd ? head + 1 : Math.Min(request.From, long.MaxValue - 1) + 1;
        _told = _next - 1;
    }

    private async Task StartInStreamAsync(string stream, long head, CancellationToken cancellation)
    {
        var extent = await extents.OfAsync(stream, cancellation);
        if (extent.IsClosed) throw Refusals.StreamDeleted(stream);
        var last = extent.Last;
        _lastRevision = request.FromEnd ? last : request.FromStart ? -1 : request.From;
        _hasHistory = last > _lastRevision;
        _lastLink = last;
        _next = Math.Max(head, extent.Through) + 1;
    }

    // Everything sent; say so once, then wait for the log to move.
    private async Task RestAsync(CancellationToken cancellation)
    {
        TellCheckpoint();
        if (!_caughtUp) frames.Write(new ReadResp { CaughtUp = new ReadResp.Types.CaughtUp() });
        _caughtUp = true;
        await FlushAsync(cancellation);
        await tail.WaitForAsync(_next, cancellation);
    }

    private Task CatchUpAsync(CancellationToken cancellation) =>
        request.Stream is { } stream ? CatchUpStreamAsync(stream, cancellation) : CatchUpLogAsync(cancellation);

    private async Task CatchUpLogAsync(CancellationToken cancellation)
    {
        // What is committed up to here is in storage, or was removed from it: a last page has seen it all.
        var head = tail.Head;
        var rows = EventPage.RowsFirst;
        while (true)
        {
            var page = request.Matcher?.Prefixes is { } filter
                ? await pages.AllForwardsAsync(filter, _next, head, rows, cancellation)
                : await pages.AllForwardsAsync(_next, rows, cancellation);
            await SendAsync(page.Events.ToArray(), cancellation);
            await PassAsync(page.Next, cancellation);
            if (page.IsLast) _next = Math.Max(_next, head + 1);
            if (page.IsLast || tail.TryRead(_next, [], out _)) return;
            rows = page.RowsNext;
        }
    }

    private async Task CatchUpStreamAsync(string stream, CancellationToken cancellation)
    {
        // What is committed up to here is in storage, so after the last page the tail continues without a gap.
        var head = tail.Head;
        var extent = await extents.OfAsync(stream, cancellation);
        if (extent.IsClosed) throw Refusals.StreamDeleted(stream);
        var rows = EventPage.RowsFirst;
        for (var next = Math.Max(_lastRevision + 1, extent.First); next <= extent.Last;)
        {
            var page = await pages.StreamForwardsAsync(stream, next, (int)Math.Min(rows, extent.Last - next + 1), cancellation);
            await SendHistoryAsync(page.Events.Where(extent.Shows), cancellation);
            if (page.Events.Count == 0) break;
            next = page.Events[^1].Revision + 1;
            rows = page.RowsNext;
        }
        _hasHistory = false;
        _lastLink = extent.Last;
        _next = Math.Max(_next, Math.Max(head, extent.Through) + 1);
    }

    private async Task SendHistoryAsync(IEnumerable<StoredEvent> events, CancellationToken cancellation)
    {
        foreach (var some in events.Chunk(LinkResolver.EventsMax))
        {
            var led = await ResolveAsync(some, cancellation);
            foreach (var stored in some) await SendAsync(stored, led, cancellation);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<StoredEvent> events, CancellationToken cancellation)
    {
        if (events.IsEmpty) return;
        IReadOnlyDictionary<StoredEvent, StoredEvent?> led = NoLinks;
        var end = events.Span[^1].Position + 1;
        if (_links is not null) events = LinksTo(events.Span, _links);
        for (var i = 0; i < events.Length; i++)
        {
            if (request.ResolveLinks && i % LinkResolver.EventsMax == 0)
                led = await ResolveAsync(events.Slice(i, Math.Min(LinkResolver.EventsMax, events.Length - i)), cancellation);
            var stored = events.Span[i];
            if (IsWanted(stored, cancellation)) await SendAsync(stored, led, cancellation);
            _sinceCheckpoint += stored.Position + 1 - _next;
            _next = stored.Position + 1;
            if (request.Matcher is not null && _sinceCheckpoint >= request.CheckpointInterval) TellCheckpoint();
            if (frames.WantsFlush) await FlushAsync(cancellation);
        }
        _next = end;
        // However busy the log, what was found is sent before more is looked at.
        if (frames.HasUnflushed) await FlushAsync(cancellation);
    }

    // What storage looked at and left out.
    private async ValueTask PassAsync(long next, CancellationToken cancellation)
    {
        if (next <= _next) return;
        _sinceCheckpoint += next - _next;
        _next = next;
        if (_sinceCheckpoint < request.CheckpointInterval) return;
        TellCheckpoint();
        await FlushAsync(cancellation);
    }

    private Task<IReadOnlyDictionary<StoredEvent, StoredEvent?>> ResolveAsync(ReadOnlyMemory<StoredEvent> events, CancellationToken cancellation) =>
        request.ResolveLinks ? resolver.ResolveAsync(events, cancellation) : Task.FromResult<IReadOnlyDictionary<StoredEvent, StoredEvent?>>(NoLinks);

    private StoredEvent[] LinksTo(ReadOnlySpan<StoredEvent> events, LinkStream links)
    {
        List<StoredEvent> found = [];
        foreach (var stored in events)
            if (links.Matches(stored)) found.Add(LinkEvents.To(stored, links.Name, ++_lastLink));
        return [.. found];
    }

    private async ValueTask SendAsync(StoredEvent stored, IReadOnlyDictionary<StoredEvent, StoredEvent?> led, CancellationToken cancellation)
    {
        if (request.Stream is { } stream && stored.Revision == WireNames.TombstoneRevision) throw Refusals.StreamDeleted(stream);
        if (led.TryGetValue(stored, out var target)) frames.Write(target, stored);
        else frames.Write(stored);
        _lastRevision = stored.Revision;
        if (frames.WantsFlush) await FlushAsync(cancellation);
    }

    private bool IsWanted(StoredEvent stored, CancellationToken cancellation) =>
        request.Stream is null
            ? request.Matcher?.Matches(stored, cancellation) != false
            : stored.Revision > _lastRevision && string.Equals(stored.Stream, request.Stream, StringComparison.Ordinal);

    private void TellCheckpoint()
    {
        if (request.Matcher is null || _next - 1 <= _told) return;
        _told = _next - 1;
        _sinceCheckpoint = 0;
        frames.Write(new ReadResp { Checkpoint = new ReadResp.Types.Checkpoint { CommitPosition = (ulong)_told, PreparePosition = (ulong)_told } });
    }

    private async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (!await frames.FlushAsync(cancellation)) throw new OperationCanceledException("The subscriber is gone.");
    }
}
