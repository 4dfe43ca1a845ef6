using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// Decides requests in the order of their arrival, as EventStoreDB does: expected state first, then whether an
/// append that does not fit is an exact retry of one that once did. A stream that is deleted but not closed takes
/// appends, which continue its revisions and bring it back.
/// </summary>
internal sealed class AppendDecider(StreamHeads heads, Partitions partitions, long head)
{
    /// <summary>The position of the last event that was decided; runs ahead of the commits.</summary>
    public long Head { get; private set; } = head;

    /// <summary>Decides one request; what it adds gets its place and joins what is to be written.</summary>
    public void Decide(AppendRequest request, long nowMicroseconds, List<AppendRequest> written)
    {
        var stream = heads[request.Stream];
        request.Outcome = Landed(request, stream) ?? Check(request, stream);
        if (request.Outcome.End != AppendEnd.Appended || request.Outcome.Position != 0) return;
        if (request.Events.Length == 0)
        {
            // Nothing was appended, and the protocol says so by "no stream", whatever the stream holds.
            request.Outcome = new AppendOutcome(AppendEnd.Appended, -1, Head);
            return;
        }
        var next = stream.Revision + 1;
        var target = request.Kind == RequestKind.Delete ? heads[SystemStreams.MetadataOf(request.Stream)] : stream;
        Place(request, target, nowMicroseconds, written);
        if (request.Kind == RequestKind.Append && stream.DeletedBy is { } metadata)
            Revive(request.Stream, stream, metadata, next, nowMicroseconds, written);
        if (SystemStreams.IsMetadata(request.Events[0].Stream)) NoteMetadata(request, nowMicroseconds, written);
    }

    private AppendOutcome Check(AppendRequest request, StreamHead stream)
    {
        if (IsClosed(request.Stream, stream)) return new AppendOutcome(AppendEnd.StreamDeleted, stream.Revision, Head);
        if (request.Kind == RequestKind.Delete && stream.Revision < 0 && heads[SystemStreams.MetadataOf(request.Stream)].Revision < 0) return Wrong(stream);
        return request.Expected switch
        {
            Expected.Any => Retry(request) ?? Fits(stream),
            Expected.StreamExists when stream.DeletedBy is not null => new AppendOutcome(AppendEnd.StreamDeleted, stream.Revision, Head),
            Expected.StreamExists => stream.Revision < 0 ? Wrong(stream) : Retry(request) ?? Fits(stream),
            _ when request.Expected > stream.Revision => Wrong(stream),
            _ when request.Expected < stream.Revision => request.Events.Length == 0 ? Fits(stream) : RetryAt(request, stream) ?? Late(request, stream),
            _ => Fits(stream),
        };
    }

    // What this node began and lost sight of is known by its events' ids, whatever has become of its stream since. A deletion has
    // no id of its caller's, but its event has one.
    private AppendOutcome? Landed(AppendRequest request, StreamHead stream)
    {
        if (!request.InDoubt) return null;
        if (request.Kind != RequestKind.Append)
            return heads.TryFind(request.Events[0].Stream, request.Events[0].Id, out var place) ? new AppendOutcome(AppendEnd.Appended, place.Revision, place.Position) : null;
        var retried = request.Expected is Expected.Any or Expected.StreamExists ? Retry(request) : RetryAt(request, stream);
        return retried?.End == AppendEnd.Appended ? retried : null;
    }

    private bool IsClosed(string name, StreamHead stream) =>
        stream.Revision == WireNames.TombstoneRevision
        || (SystemStreams.IsMetadata(name) && heads[SystemStreams.OriginalOf(name)].Revision == WireNames.TombstoneRevision);

    private void Place(AppendRequest request, StreamHead target, long nowMicroseconds, List<AppendRequest> written)
    {
        var revision = target.Revision;
        foreach (var appended in request.Events)
        {
            appended.Position = ++Head;
            appended.Revision = request.Kind == RequestKind.Tombstone ? WireNames.TombstoneRevision : ++revision;
            appended.CreatedMicroseconds = nowMicroseconds;
        }
        heads.Note(target, request.Events);
        request.StampRows(partitions);
        request.Outcome = new AppendOutcome(AppendEnd.Appended, target.Revision, Head);
        written.Add(request);
    }

    private void Revive(string name, StreamHead stream, StreamMetadata metadata, long fromRevision, long nowMicroseconds, List<AppendRequest> written)
    {
        var revival = Revival.Of(name, metadata, fromRevision);
        Place(revival, heads[SystemStreams.MetadataOf(name)], nowMicroseconds, written);
        stream.Metadata = metadata with { TruncateBefore = fromRevision };
    }

    // As on a real server, new metadata brings a deleted stream back as well, with all its events hidden.
    private void NoteMetadata(AppendRequest request, long nowMicroseconds, List<AppendRequest> written)
    {
        var name = SystemStreams.OriginalOf(request.Events[0].Stream);
        var original = heads[name];
        var metadata = StoredMetadata.TryRead(request.Events[^1].Data);
        if (request.Kind == RequestKind.Append && original.DeletedBy is not null && metadata is not null)
            Revive(name, original, metadata, original.Revision + 1, nowMicroseconds, written);
        else
            original.Metadata = metadata;
    }

    private AppendOutcome? Retry(AppendRequest request)
    {
        if (request.Events.Length == 0 || !heads.TryFind(request.Stream, request.Events[0].Id, out var place)) return null;
        foreach (var proposed in request.Events.AsSpan(1))
            if (!heads.TryFind(request.Stream, proposed.Id, out place)) return Wrong(heads[request.Stream]);
        return new AppendOutcome(AppendEnd.Appended, place.Revision, place.Position);
    }

    // To whoever expects no stream, one that came back begins where it came back.
    private AppendOutcome? RetryAt(AppendRequest request, StreamHead stream) =>
        RetryAfter(request, request.Expected)
        ?? (request.Expected == Expected.NoStream && stream.BegunAt > 0 ? RetryAfter(request, stream.BegunAt - 1) : null);

    private AppendOutcome? RetryAfter(AppendRequest request, long revision) =>
        heads.FindAfter(revision, request.Stream, request.Events) is { } place ? new AppendOutcome(AppendEnd.Appended, place.Revision, place.Position) : null;

    // Whoever expects no stream finds none where the stream is deleted, unless this continues a retry of its beginning.
    private AppendOutcome Late(AppendRequest request, StreamHead stream) =>
        request.Expected == Expected.NoStream && stream.DeletedBy is not null
        && heads.FindAfter(Expected.NoStream, request.Stream, request.Events.AsSpan(0, 1)) is null
            ? Fits(stream)
            : Wrong(stream);

    // Position 0 is no event's: it marks a request that is yet to be placed.
    private static AppendOutcome Fits(StreamHead stream) => new(AppendEnd.Appended, stream.Revision, 0);

    private AppendOutcome Wrong(StreamHead stream) => new(AppendEnd.WrongExpectedVersion, stream.Revision, Head);
}
