using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>
/// Copies a log into another one, block by block in the log's order, and notes in the target where each event came to
/// lie, as it was read back. The notes are also how far the copy is: after a kill it goes on from the last.
/// </summary>
/// <param name="source">The log that is copied, as its server gives it.</param>
/// <param name="target">Where to; calls that may pass are tried again.</param>
/// <param name="connect">The same by a connection that keeps the order of appends.</param>
/// <param name="map">The key of the map.</param>
/// <param name="begun">Where the target stood when the first copy began: nothing copied lies before it.</param>
internal sealed class LogCopier(IEventLog source, IEventLog target, Func<ConnectedLog> connect, string map, Position begun) : IAsyncDisposable
{
    private const int BlockEventsMax = 2_000;
    private const long BlockBytesMax = 8L * 1024 * 1024;

    private readonly OrderedAppends _appends = new(target, connect);
    private long _chunks;
    private (ulong Old, ulong New, string Digest) _last = (0, 0, CopiedEvents.NoDigest);

    /// <summary>Events that were copied by this run.</summary>
    public long Copied { get; private set; }

    /// <summary>Events of the server's own streams, which are not copied.</summary>
    public long Skipped { get; private set; }

    /// <inheritdoc cref="OrderedAppends.Placeholders"/>
    public long Placeholders => _appends.Placeholders;

    /// <summary>Up to which position of the source everything is copied.</summary>
    public ulong Through => _last.Old;

    /// <summary>Over all that was copied, by this run and those before.</summary>
    public string Digest => _last.Digest;

    /// <summary>Copies what the source holds now and the target does not.</summary>
    /// <exception cref="CopyRefusedException">The target holds something else; what was copied stays.</exception>
    public async Task RunAsync(Action<ulong, ulong> progress, CancellationToken cancellation)
    {
        await ResumeAsync(cancellation);
        if (await source.ReadHeadAsync(cancellation) is not { } head) return;
        var block = new List<RecordedEvent>();
        var bytes = 0L;
        await foreach (var recorded in source.ReadAllAsync(ReadDirection.Forwards, new Position(_last.Old), cancellation: cancellation))
        {
            if (recorded.Position > head) break;
            if (_chunks > 0 && recorded.Position.Value <= _last.Old) continue;
            if (CopiedEvents.IsIndex(recorded)) continue;
            if (CopiedEvents.IsServers(recorded))
            {
                Skipped++;
                continue;
            }
            block.Add(recorded);
            bytes += recorded.Data.Length + recorded.Metadata.Length;
            if (block.Count < BlockEventsMax && bytes < BlockBytesMax) continue;
            await CopyAsync(block, cancellation);
            progress(recorded.Position.Value, head.Value);
            block.Clear();
            bytes = 0;
        }
        if (block.Count > 0) await CopyAsync(block, cancellation);
        progress(head.Value, head.Value);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _appends.DisposeAsync();

    private async Task ResumeAsync(CancellationToken cancellation)
    {
        _chunks = await PositionMap.CountAsync(target, map, cancellation);
        if (_chunks == 0)
        {
            _last = (0, begun.Value, CopiedEvents.NoDigest);
            return;
        }
        var chunk = (await new PositionMap(target, map).ChunkAsync(_chunks - 1, cancellation))!;
        _last = (chunk.Entries[^1].Old, chunk.Entries[^1].New, chunk.Digest);
        await foreach (var same in source.ReadAllAsync(ReadDirection.Forwards, new Position(_last.Old), countMax: 1, cancellation: cancellation))
            if (same.EventId == chunk.LastEventId || CopiedEvents.IsTombstone(same) || same.Position.Value > _last.Old) return;
        // The event itself may have been scavenged since, but a log that ends before it, or has another there, is not the same.
        throw new CopyRefusedException(
            $"The target was copied up to position {_last.Old} of a log that has event {chunk.LastEventId} there, and this log has another or none. Copy the same log on, or begin with a target that has no '{PositionMap.StreamOf(map)}'.");
    }

    private async Task CopyAsync(List<RecordedEvent> block, CancellationToken cancellation)
    {
        await _appends.AppendAsync(block, cancellation);
        var found = await FindAsync(block, cancellation);
        var entries = new MapEntry[block.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = new MapEntry(block[i].Position.Value, found[i].Position.Value, block[i].Created.Microseconds);
        for (var i = 0; i < entries.Length; i++)
            if (entries[i].New <= (i == 0 ? _last.New : entries[i - 1].New))
                throw new CopyRefusedException(
                    $"The event at position {entries[i].Old} came to lie before one that it follows, at position {entries[i].New} of the target: an append was lost in between. Begin again with another target, at a time when nobody else writes there.");
        var digest = CopiedEvents.Digest(_last.Digest, block);
        if (digest != CopiedEvents.Digest(_last.Digest, found))
            throw new CopyRefusedException($"What the target holds of positions {block[0].Position} to {block[^1].Position} has another digest than the source.");
        var chunk = new MapChunk(entries, block[^1].EventId, digest);
        var expected = _chunks == 0 ? StreamState.NoStream : StreamState.StreamRevision(_chunks - 1);
        try
        {
            await target.AppendToStreamAsync(PositionMap.StreamOf(map), expected, [chunk.ToEventData(map)], cancellation);
        }
        catch (WrongExpectedVersionException)
        {
            throw new CopyRefusedException("Another copy of this log into the same target is under way. Let it end; what it copied need not be copied again.");
        }
        (_chunks, _last) = (_chunks + 1, (entries[^1].Old, entries[^1].New, digest));
        Copied += block.Count;
    }

    // As the target gives them, in the order of the block.
    private async Task<RecordedEvent[]> FindAsync(List<RecordedEvent> block, CancellationToken cancellation)
    {
        var wanted = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < block.Count; i++)
            if (!wanted.TryAdd(CopiedEvents.KeyOf(block[i]), i))
                throw new CopyRefusedException($"Stream '{block[i].StreamId}' has event {block[i].EventId} twice, the second time at position {block[i].Position}, which no server takes without an expected revision. This log cannot be copied.");
        var found = new RecordedEvent[block.Count];
        await foreach (var recorded in target.ReadAllAsync(ReadDirection.Forwards, new Position(_last.New), cancellation: cancellation))
        {
            if (recorded.Position.Value <= _last.New || !wanted.Remove(CopiedEvents.KeyOf(recorded), out var index)) continue;
            if (!CopiedEvents.AreSame(block[index], recorded))
                throw new CopyRefusedException($"Stream '{recorded.StreamId}' of the target has another event at revision {recorded.Revision} than position {block[index].Position} of the source. Copy into a log that has no such stream.");
            found[index] = recorded;
            if (wanted.Count == 0) return found;
        }
        throw new CopyRefusedException($"{wanted.Count} of the events from position {block[0].Position} to {block[^1].Position} are not where they were appended. Begin again with another target.");
    }
}
