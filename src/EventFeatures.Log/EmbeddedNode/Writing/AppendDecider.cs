using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// Decides appends in the order of their arrival, as EventStoreDB does: expected state first, then whether an
/// append that does not fit is an exact retry of one that once did.
/// </summary>
internal sealed class AppendDecider(StreamHeads heads, long head)
{
    /// <summary>The position of the last event that was decided; runs ahead of the commits.</summary>
    public long Head { get; private set; } = head;

    /// <summary>Decides one append and, if it adds events, gives them their places.</summary>
    /// <returns>Whether it adds rows.</returns>
    public bool Decide(AppendRequest request, long nowMicroseconds)
    {
        var stream = heads[request.Stream];
        if (stream.Revision == WireNames.TombstoneRevision)
        {
            request.Outcome = new AppendOutcome(AppendEnd.StreamDeleted, stream.Revision, Head);
            return false;
        }
        request.Outcome = request.Expected switch
        {
            Expected.Any => Retry(request) ?? Fits(stream),
            Expected.StreamExists => stream.Revision < 0 ? Wrong(stream) : Retry(request) ?? Fits(stream),
            _ when request.Expected > stream.Revision => Wrong(stream),
            _ when request.Expected < stream.Revision => request.Events.Length == 0 ? Fits(stream) : RetryAt(request) ?? Wrong(stream),
            _ => Fits(stream),
        };
        if (request.Outcome.End != AppendEnd.Appended || request.Outcome.Position != 0) return false;
        if (request.Events.Length == 0)
        {
            // Nothing was appended, and the protocol says so by "no stream", whatever the stream holds.
            request.Outcome = new AppendOutcome(AppendEnd.Appended, -1, Head);
            return false;
        }
        Place(request, stream, nowMicroseconds);
        return true;
    }

    private void Place(AppendRequest request, StreamHead stream, long nowMicroseconds)
    {
        foreach (var appended in request.Events)
        {
            appended.Position = ++Head;
            appended.Revision = stream.Revision + 1;
            appended.CreatedMicroseconds = nowMicroseconds;
            heads.Note(stream, appended);
        }
        request.StampRows();
        request.Outcome = new AppendOutcome(AppendEnd.Appended, stream.Revision, Head);
    }

    private AppendOutcome? Retry(AppendRequest request)
    {
        if (request.Events.Length == 0 || !heads.TryFind(request.Stream, request.Events[0].Id, out var place)) return null;
        foreach (var proposed in request.Events.AsSpan(1))
            if (!heads.TryFind(request.Stream, proposed.Id, out place)) return Wrong(heads[request.Stream]);
        return new AppendOutcome(AppendEnd.Appended, place.Revision, place.Position);
    }

    private AppendOutcome? RetryAt(AppendRequest request)
    {
        var revision = request.Expected;
        EventPlace place = default;
        foreach (var proposed in request.Events)
            if (!heads.TryFind(request.Stream, proposed.Id, out place) || place.Revision != ++revision) return null;
        return new AppendOutcome(AppendEnd.Appended, place.Revision, place.Position);
    }

    // Position 0 is no event's: it marks an append that is yet to be placed.
    private static AppendOutcome Fits(StreamHead stream) => new(AppendEnd.Appended, stream.Revision, 0);

    private AppendOutcome Wrong(StreamHead stream) => new(AppendEnd.WrongExpectedVersion, stream.Revision, Head);
}
