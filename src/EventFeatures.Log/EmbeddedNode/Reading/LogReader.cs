using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>Answers reads that end: a stream's or the whole log's, in both directions.</summary>
internal sealed class LogReader(EventPages pages, StreamExtents extents, LinkResolver resolver, LogTail tail)
{
    private const long RealServersPage = 32;

    public async Task ReadAsync(ReadRequest request, EventFrames frames, CancellationToken cancellation)
    {
        if (request.Stream is null) await ReadAllAsync(request, frames, cancellation);
        else await ReadStreamAsync(request, request.Stream, frames, cancellation);
        await frames.FlushAsync(cancellation);
    }

    private async Task ReadAllAsync(ReadRequest request, EventFrames frames, CancellationToken cancellation)
    {
        // Nothing lies after the end, or before the start.
        if (request.Backwards ? request.FromStart : request.FromEnd) return;
        var left = request.CountMax;
        // A filtered read ends here, as far as the log went when it began.
        var head = tail.Head;
        var next = PageAsync(request, request.From, head, Rows(request, EventPage.RowsFirst, left), cancellation);
        while (left > 0)
        {
            var page = await next;
            // The next page is fetched while this one is sent; a page is the most that is held beside it.
            if (!page.IsLast && (request.Matcher is not null || left > page.Events.Count))
                next = PageAsync(request, page.Next, head, Rows(request, page.RowsNext, left - page.Events.Count), cancellation);
            var wanted = request.Matcher is { } matcher ? page.Events.Where(stored => matcher.Matches(stored, cancellation)) : page.Events;
            if (left < page.Events.Count) wanted = wanted.Take((int)left);
            var written = await WriteAsync(request, wanted, frames, cancellation);
            if (written is null || page.IsLast) return;
            left -= written.Value;
            // The next event that passes may be long in coming.
            if (request.Matcher is not null && frames.HasUnflushed && !await frames.FlushAsync(cancellation)) return;
        }
    }

    private Task<EventPage> PageAsync(ReadRequest request, long from, long head, int rows, CancellationToken cancellation) =>
        (request.Backwards, request.Matcher?.Prefixes) switch
        {
            (true, { } filter) => pages.AllBackwardsAsync(filter, Math.Min(from, head + 1), rows, cancellation),
            (true, null) => pages.AllBackwardsAsync(from, rows, cancellation),
            (false, { } filter) => pages.AllForwardsAsync(filter, from, head, rows, cancellation),
            (false, null) => pages.AllForwardsAsync(from, rows, cancellation),
        };

    // Of a filtered read nobody knows how many rows its count needs.
    private static int Rows(ReadRequest request, int rows, long left) =>
        request.Matcher is null ? (int)Math.Min(rows, left) : rows;

    private async Task ReadStreamAsync(ReadRequest request, string stream, EventFrames frames, CancellationToken cancellation)
    {
        var extent = await extents.OfAsync(stream, cancellation);
        if (extent.IsClosed) throw Refusals.StreamDeleted(stream);
        if (extent.IsMissing)
        {
            frames.Write(new ReadResp { StreamNotFound = new ReadResp.Types.StreamNotFound { StreamIdentifier = StreamNames.ToIdentifier(stream) } });
            return;
        }
        var pastEnd = !request.Backwards && request.From > extent.Last;
        if (request.WithStreamPositions && !request.Backwards && FirstAfterEmptyPage(request, extent) is { } first)
            frames.Write(new ReadResp { FirstStreamPosition = (ulong)first });
        if (!pastEnd) await ReadRevisionsAsync(request, stream, extent, frames, cancellation);
        if (request.WithStreamPositions) frames.Write(new ReadResp { LastStreamPosition = (ulong)extent.Last });
    }

    // Where a read goes on whose first page, of a real server's size, has nothing.
    private static long? FirstAfterEmptyPage(ReadRequest request, StreamExtent extent)
    {
        if (request.From > extent.Last) return request.From == extent.Last + 1 ? null : extent.Last + 1;
        return request.From + Math.Min(request.CountMax, RealServersPage) <= extent.First ? extent.First : null;
    }

    private async Task ReadRevisionsAsync(ReadRequest request, string stream, StreamExtent extent, EventFrames frames, CancellationToken cancellation)
    {
        var from = request.Backwards ? Math.Min(request.From, extent.Last) : Math.Max(request.From, extent.First);
        var left = request.CountMax;
        if (from < extent.First || left <= 0) return;
        var next = PageAsync(request, stream, from, Math.Min(EventPage.RowsFirst, left), cancellation);
        while (true)
        {
            var page = await next;
            var following = page.IsLast ? -1 : page.Events[^1].Revision + (request.Backwards ? -1 : 1);
            var goesOn = following >= extent.First;
            // The next page is fetched while this one is sent, unless this one may be all that is asked for.
            var ahead = goesOn && left > page.Events.Count;
            if (ahead) next = PageAsync(request, stream, following, Math.Min(page.RowsNext, left - page.Events.Count), cancellation);
            var written = await WriteAsync(request, Shown(page.Events, stream, extent), frames, cancellation);
            if (written is null || !goesOn) return;
            left -= written.Value;
            if (left <= 0) return;
            if (!ahead) next = PageAsync(request, stream, following, Math.Min(page.RowsNext, left), cancellation);
        }
    }

    private static IEnumerable<StoredEvent> Shown(List<StoredEvent> events, string stream, StreamExtent extent)
    {
        foreach (var stored in events)
        {
            // It was closed since the read began.
            if (stored.Revision == WireNames.TombstoneRevision) throw Refusals.StreamDeleted(stream);
            if (extent.Shows(stored)) yield return stored;
        }
    }

    private Task<EventPage> PageAsync(ReadRequest request, string stream, long from, long rows, CancellationToken cancellation) =>
        request.Backwards ? pages.StreamBackwardsAsync(stream, from, (int)rows, cancellation) : pages.StreamForwardsAsync(stream, from, (int)rows, cancellation);

    // How many were written; null when the caller is gone.
    private async Task<long?> WriteAsync(ReadRequest request, IEnumerable<StoredEvent> events, EventFrames frames, CancellationToken cancellation)
    {
        if (request.ResolveLinks) return await WriteResolvedAsync(events, frames, cancellation);
        long written = 0;
        foreach (var stored in events)
        {
            frames.Write(stored);
            written++;
            if (frames.WantsFlush && !await frames.FlushAsync(cancellation)) return null;
        }
        return written;
    }

    private async Task<long?> WriteResolvedAsync(IEnumerable<StoredEvent> events, EventFrames frames, CancellationToken cancellation)
    {
        long written = 0;
        foreach (var some in events.Chunk(LinkResolver.EventsMax))
        {
            var led = await resolver.ResolveAsync(some, cancellation);
            foreach (var stored in some)
            {
                if (led.TryGetValue(stored, out var target)) frames.Write(target, stored);
                else frames.Write(stored);
                written++;
                if (frames.WantsFlush && !await frames.FlushAsync(cancellation)) return null;
            }
        }
        return written;
    }
}
