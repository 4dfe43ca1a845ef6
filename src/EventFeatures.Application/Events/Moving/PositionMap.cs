using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>
/// Where the events of one other log lie in this one. It lies in a stream of this log, a chunk an event, and is looked
/// up by bisection; what was read last is kept, up to a bound.
/// </summary>
internal sealed class PositionMap(IEventLog log, string id)
{
    // About 100 KB each.
    private const int ChunksMax = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, LinkedListNode<(long Number, MapChunk Chunk)>> _chunks = [];
    private readonly LinkedList<(long Number, MapChunk Chunk)> _recent = [];
    private long _count = -1;

    public static string StreamOf(string id) => "positionmap-" + id;

    /// <summary>The position here up to which lies what lay up to a position there; <see cref="Position.Start"/> for before the first.</summary>
    public async Task<Position> ToNewAsync(Position old, CancellationToken cancellation)
    {
        if (await FindAsync(entry => entry.Old, old.Value, cancellation) is not { } found) return Position.Start;
        return new Position(found.New);
    }

    /// <summary>Where an event of this log came from; <see langword="null"/> when it is not one of those copied.</summary>
    public async Task<MapEntry?> OriginOfAsync(Position here, CancellationToken cancellation) =>
        await FindAsync(entry => entry.New, here.Value, cancellation) is { } found && found.New == here.Value ? found : null;

    /// <summary>Whether an event that was copied came from this very position there.</summary>
    public async Task<bool> CameFromAsync(Position old, CancellationToken cancellation) =>
        await FindAsync(entry => entry.Old, old.Value, cancellation) is { } found && found.Old == old.Value;

    /// <summary>The chunk of a number; <see langword="null"/> past the last.</summary>
    public async Task<MapChunk?> ChunkAsync(long number, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_chunks.TryGetValue(number, out var known))
            {
                _recent.Remove(known);
                _recent.AddLast(known);
                return known.Value.Chunk;
            }
        }
        await foreach (var recorded in log.ReadStreamAsync(StreamOf(id), fromRevision: number, countMax: 1, cancellation: cancellation))
        {
            var chunk = MapChunk.Read(recorded);
            Keep(number, chunk);
            return chunk;
        }
        return null;
    }

    /// <summary>How many chunks there are.</summary>
    public static async Task<long> CountAsync(IEventLog log, string id, CancellationToken cancellation)
    {
        await foreach (var last in log.ReadStreamAsync(StreamOf(id), ReadDirection.Backwards, countMax: 1, cancellation: cancellation)) return last.Revision + 1;
        return 0;
    }

    /// <summary>The last chunk; <see langword="null"/> when there is none.</summary>
    public async Task<MapChunk?> LastChunkAsync(CancellationToken cancellation) =>
        await CountAsync(log, id, cancellation) is > 0 and var count ? await ChunkAsync(count - 1, cancellation) : null;

    // The last entry at or before a position, by either side.
    private async Task<MapEntry?> FindAsync(Func<MapEntry, ulong> side, ulong position, CancellationToken cancellation)
    {
        // A map is complete before anybody looks up in it.
        if (Interlocked.Read(ref _count) < 0) Interlocked.Exchange(ref _count, await CountAsync(log, id, cancellation));
        var (low, high) = (0L, Interlocked.Read(ref _count));
        // Most of what is asked for lies past the end.
        var middle = high - 1;
        for (; low < high; middle = (low + high) / 2)
        {
            var chunk = await ChunkAsync(middle, cancellation) ?? throw new InvalidOperationException($"'{StreamOf(id)}' has no revision {middle}.");
            if (side(chunk.Entries[0]) <= position) low = middle + 1;
            else high = middle;
        }
        if (low == 0) return null;
        return LastOf((await ChunkAsync(low - 1, cancellation))!.Entries, side, position);
    }

    private static MapEntry LastOf(IReadOnlyList<MapEntry> entries, Func<MapEntry, ulong> side, ulong position)
    {
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (side(entries[middle]) <= position) low = middle + 1;
            else high = middle;
        }
        return entries[low - 1];
    }

    private void Keep(long number, MapChunk chunk)
    {
        lock (_lock)
        {
            if (_chunks.ContainsKey(number)) return;
            _chunks[number] = _recent.AddLast((number, chunk));
            if (_recent.Count <= ChunksMax) return;
            _chunks.Remove(_recent.First!.Value.Number);
            _recent.RemoveFirst();
        }
    }
}
