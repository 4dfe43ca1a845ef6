using System.Text.Json;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>
/// The logs of which events were copied into this one, and the maps of their positions. What is copied while this is in
/// use is not seen: a log is copied before it serves.
/// </summary>
public sealed class PositionMaps : IDisposable
{
    /// <summary>Says what the log is called and which maps there are. Each log has its own: it is never copied.</summary>
    internal const string IndexStream = "positionmap-index";

    private readonly IEventLog _log;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile IReadOnlyList<Source>? _sources;

    /// <param name="log">The log as its server gives it.</param>
    public PositionMaps(IEventLog log) => _log = log;

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    /// <summary>Whether anything was copied into this log.</summary>
    internal async ValueTask<bool> AnyAsync(CancellationToken cancellation) => (await SourcesAsync(cancellation)).Count > 0;

    /// <summary>Where an event came from, through as many logs as it came; <see langword="null"/> when it was appended here.</summary>
    internal async Task<Origin?> OriginOfAsync(Position here, CancellationToken cancellation) => await OriginOfAsync(here, await SourcesAsync(cancellation), cancellation);

    /// <summary>Whether an event that was copied into this log came from this very position of another one.</summary>
    internal async Task<bool> AnyCameFromAsync(Position there, CancellationToken cancellation) => await AnyCameFromAsync(there, await SourcesAsync(cancellation), cancellation);

    /// <summary>What another log meant by a position, in this one; a copied event's origin says which log.</summary>
    internal static async Task<Position> HereAsync(Position there, Origin origin, CancellationToken cancellation)
    {
        foreach (var map in origin.Way) there = await map.ToNewAsync(there, cancellation);
        return there;
    }

    /// <summary>What the log from which the last copy was made meant by a position; <see langword="null"/> when none was made.</summary>
    internal async Task<Position?> OfLastSourceAsync(Position there, CancellationToken cancellation) =>
        await SourcesAsync(cancellation) is [.., var last] ? await last.Map.ToNewAsync(there, cancellation) : null;

    /// <summary>The logs that were copied into one, the earliest first.</summary>
    internal static async Task<IReadOnlyList<CopiedLog>> ReadIndexAsync(IEventLog log, CancellationToken cancellation)
    {
        var copied = new List<CopiedLog>();
        await foreach (var recorded in log.ReadStreamAsync(IndexStream, cancellation: cancellation))
            if (recorded.Type == nameof(CopyStarted) && JsonSerializer.Deserialize<CopyStarted>(recorded.Data.Span, JsonSerializerOptions.Web) is { } started
                && copied.TrueForAll(known => known.Map != started.Log.Map)) copied.Add(started.Log);
        return copied;
    }

    /// <summary>What a log is called, which its first copy named it; <see langword="null"/> when it was never copied.</summary>
    internal static async Task<string?> ReadNameAsync(IEventLog log, CancellationToken cancellation)
    {
        await foreach (var recorded in log.ReadStreamAsync(IndexStream, cancellation: cancellation))
            if (recorded.Type == nameof(LogNamed)) return JsonSerializer.Deserialize<LogNamed>(recorded.Data.Span, JsonSerializerOptions.Web)?.Name;
        return null;
    }

    /// <summary>Where in a log a copy into it was begun; <see langword="null"/> when it was not.</summary>
    internal static async Task<Position?> ReadBeginAsync(IEventLog log, string map, CancellationToken cancellation)
    {
        await foreach (var recorded in log.ReadStreamAsync(IndexStream, cancellation: cancellation))
            if (recorded.Type == nameof(CopyStarted) && JsonSerializer.Deserialize<CopyStarted>(recorded.Data.Span, JsonSerializerOptions.Web)?.Log.Map == map)
                return recorded.Position;
        return null;
    }

    // Read once: what failed is not remembered, since the log may be back by the next call.
    private async ValueTask<IReadOnlyList<Source>> SourcesAsync(CancellationToken cancellation)
    {
        if (_sources is { } known) return known;
        await _reading.WaitAsync(cancellation);
        try
        {
            return _sources ??= [.. (await ReadIndexAsync(_log, cancellation)).Select(copied => new Source(_log, copied))];
        }
        finally
        {
            _reading.Release();
        }
    }

    private static async Task<Origin?> OriginOfAsync(Position here, IReadOnlyList<Source> sources, CancellationToken cancellation)
    {
        foreach (var source in sources)
        {
            if (await source.Map.OriginOfAsync(here, cancellation) is not { } entry) continue;
            var before = await OriginOfAsync(new Position(entry.Old), source.Before, cancellation);
            var first = before?.First ?? new FirstPlace(new Position(entry.Old), await AnyCameFromAsync(new Position(entry.Old), source.Before, cancellation));
            return new Origin(before?.Created ?? entry.Created, first, [.. before?.Way ?? [], source.Map]);
        }
        return null;
    }

    private static async Task<bool> AnyCameFromAsync(Position there, IReadOnlyList<Source> sources, CancellationToken cancellation)
    {
        foreach (var source in sources)
            if (await source.Map.CameFromAsync(there, cancellation) || await AnyCameFromAsync(there, source.Before, cancellation)) return true;
        return false;
    }

    /// <summary>A copied event's past.</summary>
    /// <param name="Created">When the log to which it was appended recorded it, in microseconds since the Unix epoch.</param>
    /// <param name="First">Where it lay there.</param>
    /// <param name="Way">The maps from there to here.</param>
    internal sealed record Origin(long Created, FirstPlace First, IReadOnlyList<PositionMap> Way);

    private sealed class Source(IEventLog log, CopiedLog copied)
    {
        public PositionMap Map { get; } = new(log, copied.Map);

        public IReadOnlyList<Source> Before { get; } = [.. copied.Before.Select(before => new Source(log, before))];
    }
}

/// <summary>A log was given a name before it was first copied, by which its copies are known.</summary>
/// <param name="Name">Made up; no other log has it, but for one that was restored from this one's backup.</param>
/// <param name="By">Who asked for the copy.</param>
public sealed record LogNamed(string Name, string By);

/// <summary>A log that was copied.</summary>
/// <param name="Map">The key of the stream with its map, <c>positionmap-&lt;key&gt;</c>.</param>
/// <param name="Before">Those that had been copied into it, whose maps were copied along.</param>
public sealed record CopiedLog(string Map, IReadOnlyList<CopiedLog> Before);

/// <summary>A log begins to be copied into this one.</summary>
/// <param name="Log">Which.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Why">Why.</param>
public sealed record CopyStarted(CopiedLog Log, string By, string Why);

/// <summary>A log was copied up to its end of then.</summary>
/// <param name="Map">Whose map it is.</param>
/// <param name="Events">How many events this run copied.</param>
/// <param name="ThroughPosition">The last one's position there.</param>
/// <param name="Digest">SHA-256 over all of them.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Why">Why.</param>
public sealed record CopyCompleted(string Map, long Events, ulong ThroughPosition, string Digest, string By, string Why);
