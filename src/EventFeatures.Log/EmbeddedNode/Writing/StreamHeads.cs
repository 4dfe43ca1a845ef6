using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// What the writer knows of streams and of recent event ids, loaded on demand and bounded. It runs ahead of
/// storage by the commits under way, so after a failed commit it is forgotten as a whole.
/// </summary>
internal sealed class StreamHeads(HeadQueries storage)
{
    private readonly TwoGenerations<string, StreamHead> _heads = new(WeightMax, head => head.Weight, StringComparer.Ordinal);

    // Events of a stream among which a retry is looked for first: more than callers have under way, and read in a moment.
    private const long NewestMax = 65_536;

    // A quarter of a million streams, or eight million ids. Twice as much is held at most, unless a single stream has more.
    private const long WeightMax = 500_000;

    // Events that storage may not show yet are here for at least two batches.
    private readonly TwoGenerations<StreamEventKey, EventPlace> _recent = new(16 * CommitBatch.EventsMax, _ => 1);
    private readonly Dictionary<StreamEventKey, EventPlace> _lookedUp = [];

    // What tells the earlier places of an id that its stream holds twice.
    private readonly LatestEvents _latest = new();
    private readonly Dictionary<(string Stream, long Revision), (Guid Id, EventPlace Place)> _stretches = [];

    // Whose ids are in neither the heads nor the recent ones yet.
    private readonly List<(StreamHead Head, StoredEvent[] Events)> _unsettled = [];
    private bool _withMetadata;

    /// <summary>
    /// Lets go of what the last two batches did not touch. Called between batches only: the one in flight and
    /// the one being prepared need heads that storage does not show yet.
    /// </summary>
    public void BeginBatch()
    {
        Settle();
        _heads.TurnIfFull();
        _recent.TurnIfFull();
        _latest.BeginBatch();
        _lookedUp.Clear();
        _stretches.Clear();
    }

    /// <summary>From now on, heads are loaded with their streams' metadata; before, no stream had any.</summary>
    public void ExpectMetadata() => _withMetadata = true;

    /// <summary>Loads what deciding the batch's undecided requests needs.</summary>
    public async Task LoadAsync(CommitBatch batch, CancellationToken cancellation)
    {
        HashSet<string>? missing = null;
        for (var i = batch.Decided; i < batch.Requests.Count; i++) Want(batch.Requests[i], ref missing);
        if (missing is not null) await LoadHeadsAsync(missing, cancellation);
        if (_withMetadata) await LoadRevivedAsync(batch, cancellation);
        await LoadIdsAsync(batch, cancellation);
        for (var i = batch.Decided; i < batch.Requests.Count; i++)
            if (batch.Requests[i].Events.Length > 0) await LookUpAsync(batch.Requests[i], cancellation);
    }

    /// <summary>The head of a stream that <see cref="LoadAsync"/> has loaded.</summary>
    public StreamHead this[string stream] =>
        _heads.TryGet(stream, out var head) ? head : throw new InvalidOperationException($"The head of stream '{stream}' was not loaded.");

    /// <summary>Where an event id lies in a stream, if the stream has it. Of an id used twice, the last place counts.</summary>
    public bool TryFind(string stream, Guid id, out EventPlace place)
    {
        Settle();
        var key = new StreamEventKey(stream, id);
        return _recent.TryGet(key, out place) || _lookedUp.TryGetValue(key, out place);
    }

    /// <summary>Where the last of these events lies, if they are what follows a revision of the stream; among them there is at least one.</summary>
    public EventPlace? FindAfter(long revision, string stream, ReadOnlySpan<StoredEvent> events)
    {
        EventPlace place = default;
        var (first, knowsLatest) = (revision + 1, false);
        foreach (var proposed in events)
        {
            if (!TryFind(stream, proposed.Id, out place)) return null;
            if (place.Revision == ++revision) continue;
            if (!knowsLatest) Keep(_latest.Stretch(stream, first, events.Length));
            knowsLatest = true;
            if (!_stretches.TryGetValue((stream, revision), out var held) || held.Id != proposed.Id) return null;
            place = held.Place;
        }
        return place;
    }

    /// <summary>Notes events that the writer is about to commit: where their stream ends at once, their ids by <see cref="Settle"/>.</summary>
    public void Note(StreamHead head, StoredEvent[] appended)
    {
        head.Revision = appended[^1].Revision;
        _unsettled.Add((head, appended));
        _latest.Note(appended);
    }

    /// <summary>
    /// Enters the ids of what was noted. Looking for an id does it by itself; a writer had better do it while PostgreSQL
    /// commits, since a large append is decided in less time than its ids take.
    /// </summary>
    public void Settle()
    {
        foreach (var (head, appended) in _unsettled)
            foreach (var each in appended) Enter(head, each);
        _unsettled.Clear();
    }

    public void Forget()
    {
        _heads.Clear();
        _recent.Clear();
        _latest.Clear();
        _lookedUp.Clear();
        _stretches.Clear();
        _unsettled.Clear();
    }

    private void Enter(StreamHead head, StoredEvent appended)
    {
        head.Ids.Add(appended.Id);
        if (head.Ids.Count % StreamHead.IdsPerWeight == 0) _heads.AddWeight(1);
        _recent.Set(new StreamEventKey(appended.Stream, appended.Id), new EventPlace(appended.Revision, appended.Position));
    }

    private void Want(AppendRequest request, ref HashSet<string>? missing)
    {
        Want(request.Stream, ref missing);
        if (SystemStreams.IsMetadata(request.Stream)) Want(SystemStreams.OriginalOf(request.Stream), ref missing);
        else if (request.Kind == RequestKind.Delete) Want(SystemStreams.MetadataOf(request.Stream), ref missing);
        else return;
        // What is decided here is not in storage yet, so from now on it must be in the heads.
        ExpectMetadata();
    }

    private void Want(string stream, ref HashSet<string>? missing)
    {
        if (!_heads.TryGet(stream, out _)) (missing ??= new(StringComparer.Ordinal)).Add(stream);
    }

    // What is appended to a deleted stream is followed by metadata that brings it back.
    private async Task LoadRevivedAsync(CommitBatch batch, CancellationToken cancellation)
    {
        HashSet<string>? missing = null;
        for (var i = batch.Decided; i < batch.Requests.Count; i++)
            if (this[batch.Requests[i].Stream].DeletedBy is not null) Want(SystemStreams.MetadataOf(batch.Requests[i].Stream), ref missing);
        if (missing is not null) await LoadHeadsAsync(missing, cancellation);
    }

    private async Task LoadHeadsAsync(HashSet<string> missing, CancellationToken cancellation)
    {
        Dictionary<string, StreamHead> loaded = new(StringComparer.Ordinal);
        foreach (var stream in missing) loaded[stream] = new StreamHead();
        foreach (var (stream, revision, metadata) in await storage.HeadsAsync([.. missing], _withMetadata, cancellation))
        {
            loaded[stream].Revision = revision;
            if (metadata is not null) loaded[stream].Metadata = StoredMetadata.Read(metadata);
        }
        foreach (var (stream, head) in loaded)
        {
            head.IdsComplete = head.Revision < 0;
            _heads.Set(stream, head);
        }
    }

    private Task LookUpAsync(AppendRequest request, CancellationToken cancellation)
    {
        if (request.Kind != RequestKind.Append) return request.InDoubt ? LookUpDeletionAsync(request, cancellation) : Task.CompletedTask;
        var head = this[request.Stream];
        if (ExpectsAnyState(request)) return LookUpIdsAsync(head, request, cancellation);
        if (request.Expected >= head.Revision || Absent(head, request) || FindAfter(request.Expected, request.Stream, request.Events) is not null) return Task.CompletedTask;
        return LookUpStretchAsync(head, request, cancellation);
    }

    private async Task LookUpDeletionAsync(AppendRequest request, CancellationToken cancellation)
    {
        var deletion = request.Events[0];
        await FindAsync(this[deletion.Stream], deletion.Stream, [deletion.Id], cancellation);
    }

    // Of all streams together: one by one, appends to many streams that are not in memory would wait for each other.
    private async Task LoadIdsAsync(CommitBatch batch, CancellationToken cancellation)
    {
        Dictionary<string, StreamHead>? unread = null;
        for (var i = batch.Decided; i < batch.Requests.Count; i++)
        {
            var request = batch.Requests[i];
            if (request.Kind == RequestKind.Append && request.Events.Length > 0 && ExpectsAnyState(request) && this[request.Stream] is { IdsComplete: false } head)
                (unread ??= new(StringComparer.Ordinal))[request.Stream] = head;
        }
        if (unread is null) return;
        var before = unread.Values.Sum(head => head.Weight);
        await storage.LoadIdsAsync([.. unread.Select(each => (each.Key, each.Value.Ids))], cancellation);
        foreach (var head in unread.Values) head.IdsComplete = true;
        _heads.AddWeight(unread.Values.Sum(head => head.Weight) - before);
    }

    private static bool ExpectsAnyState(AppendRequest request) => request.Expected is Expected.Any or Expected.StreamExists;

    // Of an append that expects any state, the first id alone decides whether it is a retry.
    private async Task LookUpIdsAsync(StreamHead head, AppendRequest request, CancellationToken cancellation)
    {
        if (Absent(head, request) || AllFound(request)) return;
        await FindAsync(head, request.Stream, [.. request.Events.Select(proposed => proposed.Id)], cancellation);
    }

    // Nearly always the newest events are retried; of a long stream the others are searched only where those were not found.
    private async Task FindAsync(StreamHead head, string stream, HashSet<Guid> ids, CancellationToken cancellation)
    {
        var newest = Math.Max(0, head.Revision - NewestMax + 1);
        await FindAsync(stream, ids, newest, head.Revision, cancellation);
        if (ids.Count > 0 && newest > 0) await FindAsync(stream, ids, 0, newest - 1, cancellation);
    }

    private async Task FindAsync(string stream, HashSet<Guid> ids, long first, long last, CancellationToken cancellation)
    {
        var places = await storage.PlacesAsync(stream, [.. ids], first, last, cancellation);
        Keep(stream, places);
        ids.ExceptWith(places.Select(found => found.Id));
    }

    private async Task LookUpStretchAsync(StreamHead head, AppendRequest request, CancellationToken cancellation)
    {
        await LookUpStretchAsync(request.Stream, request.Expected + 1, request.Events.Length, cancellation);
        if (request.Expected == Expected.NoStream && head.BegunAt > 0) await LookUpStretchAsync(request.Stream, head.BegunAt, request.Events.Length, cancellation);
    }

    private async Task LookUpStretchAsync(string stream, long first, int count, CancellationToken cancellation)
    {
        var places = await storage.PlacesAsync(stream, first, count, cancellation);
        Keep(stream, places);
        foreach (var found in places) _stretches[(stream, found.Place.Revision)] = found;
    }

    private bool Absent(StreamHead head, AppendRequest request)
    {
        Settle();
        return head.IdsComplete && !head.Ids.MayContain(request.Events[0].Id);
    }

    private bool AllFound(AppendRequest request)
    {
        foreach (var proposed in request.Events)
            if (!TryFind(request.Stream, proposed.Id, out _)) return false;
        return true;
    }

    private void Keep(IEnumerable<StoredEvent> latest)
    {
        foreach (var each in latest) _stretches[(each.Stream, each.Revision)] = (each.Id, new EventPlace(each.Revision, each.Position));
    }

    private void Keep(string stream, IEnumerable<(Guid Id, EventPlace Place)> places)
    {
        foreach (var (id, place) in places.OrderBy(found => found.Place.Revision)) _lookedUp[new StreamEventKey(stream, id)] = place;
    }
}
