using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// What the writer knows of streams and of recent event ids, loaded on demand and bounded. It runs ahead of
/// storage by the commits under way, so after a failed commit it is forgotten as a whole.
/// </summary>
internal sealed class StreamHeads(HeadQueries storage)
{
    private readonly TwoGenerations<string, StreamHead> _heads = new(250_000, head => head.Weight, StringComparer.Ordinal);

    // Events that storage may not show yet are here for at least two batches.
    private readonly TwoGenerations<StreamEventKey, EventPlace> _recent = new(16 * CommitBatch.EventsMax, _ => 1);
    private readonly Dictionary<StreamEventKey, EventPlace> _lookedUp = [];

    /// <summary>
    /// Lets go of what the last two batches did not touch. Called between batches only: the one in flight and
    /// the one being prepared need heads that storage does not show yet.
    /// </summary>
    public void BeginBatch()
    {
        _heads.TurnIfFull();
        _recent.TurnIfFull();
        _lookedUp.Clear();
    }

    /// <summary>Loads what deciding the batch's undecided requests needs.</summary>
    public async Task LoadAsync(CommitBatch batch, CancellationToken cancellation)
    {
        HashSet<string>? missing = null;
        for (var i = batch.Decided; i < batch.Requests.Count; i++)
            if (!_heads.TryGet(batch.Requests[i].Stream, out _)) (missing ??= new(StringComparer.Ordinal)).Add(batch.Requests[i].Stream);
        if (missing is not null) await LoadRevisionsAsync(missing, cancellation);
        for (var i = batch.Decided; i < batch.Requests.Count; i++)
            if (batch.Requests[i].Events.Length > 0) await LookUpAsync(batch.Requests[i], cancellation);
    }

    /// <summary>The head of a stream that <see cref="LoadAsync"/> has loaded.</summary>
    public StreamHead this[string stream] =>
        _heads.TryGet(stream, out var head) ? head : throw new InvalidOperationException($"The head of stream '{stream}' was not loaded.");

    /// <summary>Where an event id lies in a stream, if the stream has it.</summary>
    public bool TryFind(string stream, Guid id, out EventPlace place)
    {
        var key = new StreamEventKey(stream, id);
        return _recent.TryGet(key, out place) || _lookedUp.TryGetValue(key, out place);
    }

    /// <summary>Notes an event that the writer is about to commit.</summary>
    public void Note(StreamHead head, StoredEvent appended)
    {
        head.Revision = appended.Revision;
        head.Ids.Add(appended.Id);
        if (head.Ids.Count % StreamHead.IdsPerWeight == 0) _heads.AddWeight(1);
        _recent.Set(new StreamEventKey(appended.Stream, appended.Id), new EventPlace(appended.Revision, appended.Position));
    }

    public void Forget()
    {
        _heads.Clear();
        _recent.Clear();
        _lookedUp.Clear();
    }

    private async Task LoadRevisionsAsync(HashSet<string> missing, CancellationToken cancellation)
    {
        Dictionary<string, StreamHead> loaded = new(StringComparer.Ordinal);
        foreach (var stream in missing) loaded[stream] = new StreamHead();
        foreach (var (stream, revision) in await storage.RevisionsAsync([.. missing], cancellation)) loaded[stream].Revision = revision;
        foreach (var (stream, head) in loaded)
        {
            head.IdsComplete = head.Revision < 0;
            _heads.Set(stream, head);
        }
    }

    private Task LookUpAsync(AppendRequest request, CancellationToken cancellation)
    {
        var head = this[request.Stream];
        if (request.Expected is Expected.Any or Expected.StreamExists) return LookUpIdsAsync(head, request, cancellation);
        if (request.Expected >= head.Revision || Absent(head, request) || AllFound(request)) return Task.CompletedTask;
        return LookUpStretchAsync(request, cancellation);
    }

    // Of an append that expects any state, the first id alone decides whether it is a retry.
    private async Task LookUpIdsAsync(StreamHead head, AppendRequest request, CancellationToken cancellation)
    {
        if (!head.IdsComplete)
        {
            await storage.LoadIdsAsync(request.Stream, head.Ids, cancellation);
            head.IdsComplete = true;
            _heads.AddWeight(head.Weight);
        }
        if (Absent(head, request) || AllFound(request)) return;
        Keep(request.Stream, await storage.PlacesAsync(request.Stream, [.. request.Events.Select(proposed => proposed.Id)], cancellation));
    }

    private async Task LookUpStretchAsync(AppendRequest request, CancellationToken cancellation) =>
        Keep(request.Stream, await storage.PlacesAsync(request.Stream, request.Expected + 1, request.Events.Length, cancellation));

    private static bool Absent(StreamHead head, AppendRequest request) =>
        head.IdsComplete && !head.Ids.MayContain(request.Events[0].Id);

    private bool AllFound(AppendRequest request)
    {
        foreach (var proposed in request.Events)
            if (!TryFind(request.Stream, proposed.Id, out _)) return false;
        return true;
    }

    private void Keep(string stream, List<(Guid Id, EventPlace Place)> places)
    {
        foreach (var (id, place) in places) _lookedUp[new StreamEventKey(stream, id)] = place;
    }
}
