using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Testing.Events;

/// <summary>
/// A log in memory with the semantics of the real one: expected states, idempotence by event id, dense positions
/// from 1, no append above 1 MiB. For tests that are about something else than the log.
/// </summary>
public sealed class InMemoryLog(TimeProvider? clock = null) : IEventLog
{
    // What a real server takes in one append: payloads, and two bytes for each character of a type.
    private const long AppendBytesMax = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<RecordedEvent> _all = [];
    private readonly Dictionary<string, List<RecordedEvent>> _streams = [];
    private readonly Dictionary<string, long> _truncated = [];
    private readonly HashSet<string> _tombstoned = [];
    private readonly HashSet<Position> _removed = [];
    private Exception? _fault;
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Thrown by every call while it is set, as by a log that cannot be reached; subscriptions end by it at once.</summary>
    public Exception? Fault
    {
        get { lock (_lock) return _fault; }
        set
        {
            lock (_lock)
            {
                _fault = value;
                Announce();
            }
        }
    }

    /// <summary>Every event there is, in the log's order.</summary>
    public IReadOnlyList<RecordedEvent> Events
    {
        get { lock (_lock) return [.. _all]; }
    }

    /// <summary>Lets go of a stream's events before a revision, as its retention does.</summary>
    public void Truncate(string stream, long beforeRevision)
    {
        lock (_lock) _truncated[stream] = beforeRevision;
    }

    /// <summary>Takes a stream's events before a revision out of the whole log as well, as a scavenge does; their positions stay taken.</summary>
    public void Scavenge(string stream, long beforeRevision)
    {
        lock (_lock)
        {
            _truncated[stream] = beforeRevision;
            foreach (var recorded in _streams[stream].Where(recorded => recorded.Revision < beforeRevision)) _removed.Add(recorded.Position);
        }
    }

    /// <summary>Deletes a stream for ever.</summary>
    public void Tombstone(string stream)
    {
        lock (_lock) _tombstoned.Add(stream);
    }

    public Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ThrowIfFaulty();
        if (events.Sum(data => (long)data.Data.Length + data.Metadata.Length + (2 * data.Type.Length)) > AppendBytesMax)
            throw new AppendTooLargeException(stream, AppendBytesMax);
        lock (_lock)
        {
            ThrowIfClosed(stream);
            var history = _streams.GetValueOrDefault(stream) ?? [];
            var deletedBy = DeletedBy(stream);
            if (deletedBy is not null && expected == StreamState.StreamExists) throw new StreamDeletedException(stream);
            if (Repeated(history, expected, events) is { } last) return Task.FromResult(new AppendResult(last.Revision, last.Position));
            var begins = deletedBy is not null && expected == StreamState.NoStream;
            if (!begins && (!Holds(history, expected) || BeginsLikeAnEarlierAppend(history, expected, events)))
                throw new WrongExpectedVersionException(stream, expected, history.Count > 0 ? history.Count - 1 : null);
            if (events.Count == 0) return Task.FromResult(new AppendResult(history.Count - 1, new Position((ulong)_all.Count)));
            var first = history.Count;
            foreach (var data in events) Add(stream, data);
            var answer = new AppendResult(first + events.Count - 1, _all[^1].Position);
            if (deletedBy is not null) Add("$$" + stream, Metadata(deletedBy with { TruncateBefore = first }));
            Announce();
            return Task.FromResult(answer);
        }
    }

    public Task<Position> DeleteStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        EndAsync(stream, expected, mustExist: true, "$$" + stream, Metadata(new StreamMetadata { TruncateBefore = StreamMetadata.DeletedStream }), cancellation);

    public Task<Position> TombstoneStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        EndAsync(stream, expected, mustExist: false, stream, new EventData(Guid.NewGuid(), "$streamDeleted", default), cancellation);

    public Task<StreamMetadataAt> GetStreamMetadataAsync(string stream, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ThrowIfFaulty();
        lock (_lock)
        {
            ThrowIfClosed(stream);
            return Task.FromResult(new StreamMetadataAt(MetadataOf(stream), _streams.TryGetValue("$$" + stream, out var set) ? set.Count - 1 : null));
        }
    }

    public Task<AppendResult> SetStreamMetadataAsync(string stream, StreamState expected, StreamMetadata metadata, CancellationToken cancellation = default) =>
        AppendToStreamAsync("$$" + stream, expected, [Metadata(metadata)], cancellation);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null,
        long countMax = long.MaxValue, bool resolveLinks = false, CancellationToken cancellation = default)
    {
        RecordedEvent[] history;
        lock (_lock)
        {
            ThrowIfClosed(stream);
            history = Readable(stream);
        }
        var wanted = direction == ReadDirection.Forwards
            ? history.Where(recorded => recorded.Revision >= (fromRevision ?? 0))
            : history.Reverse().Where(recorded => recorded.Revision <= (fromRevision ?? long.MaxValue));
        return Deliver(wanted.Select(recorded => resolveLinks ? Resolve(recorded) : recorded), countMax, cancellation);
    }

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        ReadDirection direction, Position from, EventFilter? filter = null, long countMax = long.MaxValue, CancellationToken cancellation = default)
    {
        var wanted = direction == ReadDirection.Forwards
            ? Events.Where(recorded => recorded.Position >= from)
            : Events.Reverse().Where(recorded => recorded.Position < from);
        lock (_lock) wanted = wanted.Where(recorded => !_removed.Contains(recorded.Position)).ToArray();
        return Deliver(wanted.Where(recorded => Passes(filter, recorded)), countMax, cancellation);
    }

    public async IAsyncEnumerable<LogMessage> SubscribeToAll(
        FromAll from, EventFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var next = from.IsLive ? Events.Count : (int)(from.Checkpoint?.Value ?? 0);
        var caughtUp = false;
        while (true)
        {
            ThrowIfFaulty();
            RecordedEvent[] fresh;
            Task grown;
            lock (_lock)
            {
                fresh = [.. _all.Skip(next)];
                grown = _grown.Task;
            }
            foreach (var recorded in fresh)
                if (Passes(filter, recorded)) yield return new LogMessage.Event(recorded);
            next += fresh.Length;
            if (fresh.Length > 0) yield return new LogMessage.Checkpoint(new Position((ulong)next));
            if (!caughtUp) yield return new LogMessage.CaughtUp();
            caughtUp = true;
            await grown.WaitAsync(cancellation);
        }
    }

    public async IAsyncEnumerable<LogMessage> SubscribeToStream(
        string stream, FromStream from, bool resolveLinks = false, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        long after;
        lock (_lock) after = from.IsLive ? (_streams.GetValueOrDefault(stream)?.Count ?? 0) - 1 : from.Checkpoint ?? -1;
        var caughtUp = false;
        while (true)
        {
            ThrowIfFaulty();
            RecordedEvent[] fresh;
            Task grown;
            lock (_lock)
            {
                ThrowIfClosed(stream);
                fresh = [.. Readable(stream).Where(recorded => recorded.Revision > after)];
                grown = _grown.Task;
            }
            foreach (var recorded in fresh) yield return new LogMessage.Event(resolveLinks ? Resolve(recorded) : recorded);
            if (fresh.Length > 0) after = fresh[^1].Revision;
            if (!caughtUp) yield return new LogMessage.CaughtUp();
            caughtUp = true;
            await grown.WaitAsync(cancellation);
        }
    }

    public Task<Position?> ReadHeadAsync(CancellationToken cancellation = default)
    {
        ThrowIfFaulty();
        lock (_lock) return Task.FromResult(_all.Count > 0 ? _all[^1].Position : (Position?)null);
    }

    private Task<Position> EndAsync(
        string stream, StreamState expected, bool mustExist, string target, EventData last, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ThrowIfFaulty();
        lock (_lock)
        {
            ThrowIfClosed(stream);
            var history = _streams.GetValueOrDefault(stream) ?? [];
            var deleted = DeletedBy(stream) is not null;
            if (deleted && expected == StreamState.StreamExists) throw new StreamDeletedException(stream);
            if ((mustExist && history.Count == 0) || !(Holds(history, expected) || (deleted && expected == StreamState.NoStream)))
                throw new WrongExpectedVersionException(stream, expected, history.Count > 0 ? history.Count - 1 : null);
            if (target == stream) _tombstoned.Add(stream);
            Add(target, last);
            Announce();
            return Task.FromResult(_all[^1].Position);
        }
    }

    private void Add(string stream, EventData data)
    {
        if (!_streams.TryGetValue(stream, out var history)) _streams[stream] = history = [];
        var recorded = new RecordedEvent(
            stream, _tombstoned.Contains(stream) ? long.MaxValue : history.Count, new Position((ulong)_all.Count + 1), data.EventId, data.Type,
            Instant.FromDateTimeOffset((clock ?? TimeProvider.System).GetUtcNow()), data.ContentType,
            data.Data.ToArray(), data.Metadata.ToArray());
        history.Add(recorded);
        _all.Add(recorded);
    }

    private void Announce()
    {
        var grown = _grown;
        _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        grown.SetResult();
    }

    /// <summary>What retention and deletion leave of a stream.</summary>
    private RecordedEvent[] Readable(string stream)
    {
        var history = _streams.GetValueOrDefault(stream) ?? [];
        var metadata = stream.StartsWith("$$", StringComparison.Ordinal) ? new StreamMetadata { MaxCount = 1 } : MetadataOf(stream);
        var first = Math.Max(_truncated.GetValueOrDefault(stream), metadata.TruncateBefore ?? 0);
        if (metadata.MaxCount is { } count) first = Math.Max(first, history.Count - count);
        var oldest = metadata.MaxAge is { } age ? (clock ?? TimeProvider.System).GetUtcNow() - age : DateTimeOffset.MinValue;
        return [.. history.Where(recorded => recorded.Revision >= first && recorded.Created.ToDateTimeOffset() >= oldest)];
    }

    private StreamMetadata MetadataOf(string stream) =>
        _streams.TryGetValue("$$" + stream, out var set) ? StreamMetadata.Parse(set[^1].Data) : StreamMetadata.None;

    private StreamMetadata? DeletedBy(string stream) =>
        MetadataOf(stream) is { TruncateBefore: StreamMetadata.DeletedStream } metadata ? metadata : null;

    private static EventData Metadata(StreamMetadata metadata) => new(Guid.NewGuid(), "$metadata", metadata.ToJson());

    private RecordedEvent Resolve(RecordedEvent recorded)
    {
        if (recorded.Type != "$>") return recorded;
        var text = System.Text.Encoding.UTF8.GetString(recorded.Data.Span);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return recorded;
        lock (_lock)
            return Readable(text[(at + 1)..]).FirstOrDefault(target => target.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture) == text[..at]) is { } found
                ? found with { Link = recorded }
                : recorded;
    }

    private void ThrowIfClosed(string stream)
    {
        if (_tombstoned.Contains(stream)) throw new StreamDeletedException(stream);
    }

    private static bool Holds(List<RecordedEvent> history, StreamState expected) =>
        expected == StreamState.Any
        || (expected == StreamState.NoStream && history.Count == 0)
        || (expected == StreamState.StreamExists && history.Count > 0)
        || (expected.Revision is { } revision && history.Count - 1 == revision);

    /// <summary>
    /// The last event of an earlier append of exactly these events, where the expected state allows that it was the same
    /// append; where it says nothing of a revision, events that are there already may lie anywhere.
    /// </summary>
    private static RecordedEvent? Repeated(List<RecordedEvent> history, StreamState expected, IReadOnlyList<EventData> events)
    {
        if (events.Count == 0 || StartOfEarlierAppend(history, expected, events) is not { } start) return null;
        if (expected == StreamState.Any || expected == StreamState.StreamExists) return LastIfAllAreIn(history, events);
        if (start + events.Count > history.Count) return null;
        for (var i = 0; i < events.Count; i++)
            if (history[start + i].EventId != events[i].EventId) return null;
        return history[start + events.Count - 1];
    }

    private static RecordedEvent? LastIfAllAreIn(List<RecordedEvent> history, IReadOnlyList<EventData> events)
    {
        var found = events.Select(data => history.FindLast(recorded => recorded.EventId == data.EventId)).ToList();
        return found.Contains(null) ? null : found[^1];
    }

    private static bool BeginsLikeAnEarlierAppend(List<RecordedEvent> history, StreamState expected, IReadOnlyList<EventData> events) =>
        events.Count > 0 && StartOfEarlierAppend(history, expected, events) is not null;

    private static int? StartOfEarlierAppend(List<RecordedEvent> history, StreamState expected, IReadOnlyList<EventData> events)
    {
        var start = expected == StreamState.NoStream ? 0
            : expected.Revision is { } revision ? (int)revision + 1
            : history.FindIndex(recorded => recorded.EventId == events[0].EventId);
        return start >= 0 && start < history.Count && history[start].EventId == events[0].EventId ? start : null;
    }

    private static bool Passes(EventFilter? filter, RecordedEvent recorded) =>
        filter is null
        || filter.StreamPrefixes.Any(prefix => recorded.StreamId.StartsWith(prefix, StringComparison.Ordinal))
        || filter.TypePrefixes.Any(prefix => recorded.Type.StartsWith(prefix, StringComparison.Ordinal));

    private async IAsyncEnumerable<RecordedEvent> Deliver(
        IEnumerable<RecordedEvent> wanted, long countMax, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var recorded in wanted)
        {
            if (countMax-- <= 0) yield break;
            cancellation.ThrowIfCancellationRequested();
            ThrowIfFaulty();
            yield return recorded;
        }
    }

    private void ThrowIfFaulty()
    {
        if (Fault is { } fault) throw fault;
    }
}
