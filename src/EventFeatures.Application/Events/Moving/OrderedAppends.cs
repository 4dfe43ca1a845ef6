using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>
/// Appends events of many streams so that they lie in the target in the order in which they are given: many at once as
/// long as all goes well, and one after the other when something failed. What lies there already stays one event.
/// </summary>
/// <param name="target">The target; a call that may pass is tried again.</param>
/// <param name="connect">The target, by a connection that keeps the order of appends and ends with the first failure.</param>
internal sealed class OrderedAppends(IEventLog target, Func<ConnectedLog> connect) : IAsyncDisposable
{
    private const int InFlightMax = 256;
    private const int AppendEventsMax = 200;
    private const int AppendBytesMax = 512 * 1024;
    private const int StreamsKnownMax = 200_000;

    // The last revision that is known to be there; a memory of what was seen last, not of all.
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
    private ConnectedLog? _ordered;
    private bool _isFirst = true;

    /// <summary>How many events were put in the place of those that the source has no more.</summary>
    public long Placeholders { get; private set; }

    /// <exception cref="CopyRefusedException">A stream of the target holds something else.</exception>
    public async Task AppendAsync(IReadOnlyList<RecordedEvent> events, CancellationToken cancellation)
    {
        // Never in between: what is still to be sent is known here alone.
        if (_last.Count > StreamsKnownMax) _last.Clear();
        await LearnAsync(events, cancellation);
        var appends = new List<Append>();
        // A run that was killed may have appended part of the first block, and a server takes again what it has, but not with
        // something new after it: so there each event is appended by itself.
        foreach (var recorded in events)
        {
            if (GapBefore(recorded) is { } gap) appends.AddRange(Placeholder(recorded.StreamId, gap, recorded.Revision));
            if (!_isFirst && appends is [.., var last] && last.Takes(recorded)) last.Add(recorded);
            else appends.Add(new Append(recorded));
        }
        foreach (var some in appends.Chunk(InFlightMax)) await SendAsync(some, cancellation);
        _isFirst = false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ordered is { } ordered) await ordered.DisposeAsync();
        _ordered = null;
    }

    private async Task SendAsync(IReadOnlyList<Append> appends, CancellationToken cancellation)
    {
        try
        {
            _ordered ??= connect();
            // The first call may have to connect, and others that wait for that would not wait in their order.
            await appends[0].SendAsync(_ordered.Log, cancellation);
            var calls = new List<Task>();
            foreach (var append in appends.Skip(1))
            {
                // A stream is closed by a call of another kind, which would overtake.
                if (append.IsTombstone) await WhenAllAsync(calls);
                calls.Add(append.SendAsync(_ordered.Log, cancellation));
                if (append.IsTombstone) await WhenAllAsync(calls);
            }
            await WhenAllAsync(calls);
        }
        catch (LogUnavailableException)
        {
            await DisposeAsync();
            foreach (var append in appends) await append.SendAsync(target, cancellation);
        }
    }

    // All of them have ended, however they ended, before anything else is begun.
    private static async Task WhenAllAsync(List<Task> calls)
    {
        await Task.WhenAll(calls).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var call in calls.OrderBy(call => call.Exception?.InnerException is LogUnavailableException)) await call;
        calls.Clear();
    }

    // The first revision that the target lacks before an event, if it lacks one.
    private long? GapBefore(RecordedEvent recorded)
    {
        if (!IsCounted(recorded)) return null;
        var last = _last.GetValueOrDefault(recorded.StreamId, -1);
        _last[recorded.StreamId] = recorded.Revision;
        return last < recorded.Revision - 1 ? last + 1 : null;
    }

    // Where the streams end at the target of which that is not known; many are asked at once.
    private async Task LearnAsync(IReadOnlyList<RecordedEvent> events, CancellationToken cancellation)
    {
        var unknown = events.Where(IsCounted).DistinctBy(recorded => recorded.StreamId)
            .Where(recorded => recorded.Revision > 0 && !_last.ContainsKey(recorded.StreamId)).ToList();
        foreach (var some in unknown.Chunk(InFlightMax))
        {
            var lasts = await Task.WhenAll(some.Select(recorded => LastAsync(recorded, cancellation)));
            for (var i = 0; i < some.Length; i++) _last[some[i].StreamId] = lasts[i];
        }
    }

    private static bool IsCounted(RecordedEvent recorded) => !CopiedEvents.IsMetadata(recorded) && !CopiedEvents.IsTombstone(recorded);

    // Of a stream that is hidden no read tells where it ends, but an append of nothing does.
    private async Task<long> LastAsync(RecordedEvent recorded, CancellationToken cancellation)
    {
        try
        {
            await target.AppendToStreamAsync(recorded.StreamId, StreamState.StreamRevision(recorded.Revision - 1), [], cancellation);
            return recorded.Revision - 1;
        }
        catch (WrongExpectedVersionException wrong)
        {
            return wrong.ActualRevision ?? -1;
        }
        catch (StreamDeletedException)
        {
            // It was copied to its end before.
            return recorded.Revision - 1;
        }
    }

    private IEnumerable<Append> Placeholder(string stream, long from, long to)
    {
        Placeholders += to - from;
        for (var revision = from; revision < to; revision += AppendEventsMax)
            yield return Append.OfRemoved(stream, revision, (int)Math.Min(AppendEventsMax, to - revision));
    }

    private sealed class Append
    {
        private readonly List<EventData> _events = [];
        private readonly long _first;
        private readonly bool _isMetadata;
        private long _bytes;

        public Append(RecordedEvent recorded)
        {
            (Stream, _first, LastRevision, IsTombstone, _isMetadata) =
                (recorded.StreamId, recorded.Revision, recorded.Revision - 1, CopiedEvents.IsTombstone(recorded), CopiedEvents.IsMetadata(recorded));
            Add(recorded);
        }

        private Append(string stream, long first, List<EventData> events) =>
            (Stream, _first, _events, LastRevision, _bytes) = (stream, first, events, first + events.Count - 1, AppendBytesMax);

        public string Stream { get; }

        public bool IsTombstone { get; }

        public long LastRevision { get; private set; }

        public static Append OfRemoved(string stream, long first, int count) => new(stream, first,
        [
            .. Enumerable.Range(0, count).Select(index => CopiedEvents.Placeholder(stream, first + index)),
        ]);

        public bool Takes(RecordedEvent recorded) =>
            !IsTombstone && !_isMetadata && !CopiedEvents.IsTombstone(recorded) && recorded.StreamId == Stream && recorded.Revision == LastRevision + 1
            && _events.Count < AppendEventsMax && _bytes + recorded.Data.Length + recorded.Metadata.Length < AppendBytesMax;

        public void Add(RecordedEvent recorded)
        {
            _events.Add(new EventData(recorded.EventId, recorded.Type, recorded.Data, recorded.Metadata, recorded.ContentType));
            _bytes += recorded.Data.Length + recorded.Metadata.Length;
            LastRevision = recorded.Revision;
        }

        public async Task SendAsync(IEventLog log, CancellationToken cancellation)
        {
            try
            {
                if (IsTombstone) await log.TombstoneStreamAsync(Stream, StreamState.Any, cancellation);
                else await log.AppendToStreamAsync(Stream, Expected, _events, cancellation);
            }
            catch (StreamDeletedException)
            {
                // It was closed by an earlier run, after all of this; whether it is there is looked at anyway.
            }
            catch (WrongExpectedVersionException other)
            {
                throw new CopyRefusedException(
                    $"Stream '{Stream}' of the target ends at {(other.ActualRevision is { } actual ? $"revision {actual}" : "nothing")} where {Expected} was expected: it holds something else. Copy into a log that has no such stream.");
            }
        }

        private StreamState Expected => _isMetadata ? StreamState.Any : _first == 0 ? StreamState.NoStream : StreamState.StreamRevision(_first - 1);
    }
}
