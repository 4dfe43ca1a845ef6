using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>Answers reads that end: a stream's or the whole log's, in both directions.</summary>
internal sealed class LogReader(EventPages pages)
{
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
        var next = PageAsync(request, request.From, Rows(request, EventPage.RowsFirst, left), cancellation);
        while (left > 0)
        {
            var page = await next;
            // The next page is fetched while this one is sent; a page is the most that is held beside it.
            if (!page.IsLast && (request.Matcher is not null || left > page.Events.Count))
                next = PageAsync(request, page.Events[^1].Position + (request.Backwards ? 0 : 1), Rows(request, page.RowsNext, left - page.Events.Count), cancellation);
            foreach (var stored in page.Events)
            {
                if (left == 0) break;
                if (request.Matcher?.Matches(stored) == false) continue;
                frames.Write(stored);
                left--;
                if (frames.WantsFlush && !await frames.FlushAsync(cancellation)) return;
            }
            if (page.IsLast) return;
        }
    }

    private Task<EventPage> PageAsync(ReadRequest request, long from, int rows, CancellationToken cancellation) =>
        request.Backwards ? pages.AllBackwardsAsync(from, rows, cancellation) : pages.AllForwardsAsync(from, rows, cancellation);

    // Of a filtered read nobody knows how many rows its count needs.
    private static int Rows(ReadRequest request, int rows, long left) =>
        request.Matcher is null ? (int)Math.Min(rows, left) : rows;

    private async Task ReadStreamAsync(ReadRequest request, string stream, EventFrames frames, CancellationToken cancellation)
    {
        var last = await LastRevisionAsync(stream, cancellation);
        if (last == WireNames.TombstoneRevision) throw Refusals.StreamDeleted(stream);
        if (last < 0)
        {
            frames.Write(new ReadResp { StreamNotFound = new ReadResp.Types.StreamNotFound { StreamIdentifier = StreamNames.ToIdentifier(stream) } });
            return;
        }
        var pastEnd = !request.Backwards && request.From > last;
        if (!pastEnd) await ReadRevisionsAsync(request, stream, frames, cancellation);
        if (!request.WithStreamPositions) return;
        if (pastEnd && request.From != last + 1) frames.Write(new ReadResp { FirstStreamPosition = (ulong)last + 1 });
        frames.Write(new ReadResp { LastStreamPosition = (ulong)last });
    }

    private async Task ReadRevisionsAsync(ReadRequest request, string stream, EventFrames frames, CancellationToken cancellation)
    {
        var from = request.From;
        var left = request.CountMax;
        var rows = EventPage.RowsFirst;
        while (left > 0 && from >= 0)
        {
            rows = (int)Math.Min(rows, left);
            var page = request.Backwards
                ? await pages.StreamBackwardsAsync(stream, from, rows, cancellation)
                : await pages.StreamForwardsAsync(stream, from, rows, cancellation);
            foreach (var stored in page.Events)
            {
                frames.Write(stored);
                if (frames.WantsFlush && !await frames.FlushAsync(cancellation)) return;
            }
            if (page.IsLast) return;
            left -= page.Events.Count;
            from = page.Events[^1].Revision + (request.Backwards ? -1 : 1);
            rows = page.RowsNext;
        }
    }

    private async Task<long> LastRevisionAsync(string stream, CancellationToken cancellation)
    {
        var page = await pages.StreamBackwardsAsync(stream, long.MaxValue, 1, cancellation);
        return page.Events.Count == 0 ? -1 : page.Events[0].Revision;
    }
}
