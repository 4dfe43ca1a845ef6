using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>Reads all that was copied again, and compares its digests with those that were noted when it was copied.</summary>
internal static class CopyVerification
{
    /// <summary>How many events are as they were copied, which is all of them.</summary>
    /// <exception cref="CopyRefusedException">Some are not; the first stretch of them is named.</exception>
    public static async Task<long> RunAsync(IEventLog target, string map, Action<long, long> progress, CancellationToken cancellation)
    {
        var (events, digest) = (0L, CopiedEvents.NoDigest);
        var chunks = new PositionMap(target, map);
        var count = await PositionMap.CountAsync(target, map, cancellation);
        for (var number = 0L; number < count; number++)
        {
            var chunk = (await chunks.ChunkAsync(number, cancellation))!;
            digest = CopiedEvents.Digest(digest, await ReadAsync(target, chunk.Entries, cancellation));
            if (digest != chunk.Digest)
                throw new CopyRefusedException($"What lies at positions {chunk.Entries[0].New} to {chunk.Entries[^1].New} of the target is not what was copied there from {chunk.Entries[0].Old} to {chunk.Entries[^1].Old}: it was changed, or a scavenge of the target took some of it. If neither was meant, copy into another target.");
            events += chunk.Entries.Count;
            progress(number + 1, count);
        }
        return events;
    }

    private static async Task<List<RecordedEvent>> ReadAsync(IEventLog target, IReadOnlyList<MapEntry> entries, CancellationToken cancellation)
    {
        var wanted = entries.Select(entry => entry.New).ToHashSet();
        var found = new List<RecordedEvent>(entries.Count);
        await foreach (var recorded in target.ReadAllAsync(ReadDirection.Forwards, new Position(entries[0].New), cancellation: cancellation))
        {
            if (recorded.Position.Value > entries[^1].New) break;
            if (wanted.Contains(recorded.Position.Value)) found.Add(recorded);
        }
        return found;
    }
}
