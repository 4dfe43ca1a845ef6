using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Load;

/// <summary>
/// Concurrent readers: what was acknowledged before a read began is in it, and nothing is missing between two events of
/// a read, in either direction.
/// </summary>
internal sealed class Readers(IEventLog log, Ledger ledger, int seed)
{
    private const int StretchMax = 300;
    private long _events;

    /// <summary>Events that were read and checked.</summary>
    public long Events => Interlocked.Read(ref _events);

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        Task.Run(() => UntilStoppedAsync(new Random(seed), ReadStreamAsync, stop), CancellationToken.None),
        Task.Run(() => UntilStoppedAsync(new Random(seed + 1), ReadAllAsync, stop), CancellationToken.None));

    private async Task UntilStoppedAsync(Random random, Func<Random, CancellationToken, Task> read, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await read(random, stop);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 150)), stop);
            }
            catch (Exception passing) when (passing is LogUnavailableException or OperationCanceledException)
            {
                // The next read tries again.
            }
            catch (Exception unexpected)
            {
                ledger.Violate($"A read failed in a way that no fault explains: {unexpected}");
                return;
            }
        }
    }

    private async Task ReadStreamAsync(Random random, CancellationToken stop)
    {
        var streams = ledger.Streams;
        if (streams.Count == 0) return;
        var stream = streams[random.Next(streams.Count)];
        var durable = ledger.RevisionOf(stream);
        if (durable < 0) return;
        var first = Math.Max(0, durable - StretchMax);
        var next = first;
        await foreach (var recorded in log.ReadStreamAsync(stream, fromRevision: first, cancellation: stop))
        {
            if (recorded.Revision != next++) ledger.Violate($"A read of '{stream}' from revision {first} gave revision {recorded.Revision} instead of {next - 1}.");
            Check(recorded);
        }
        if (next <= durable) ledger.Violate($"A read of '{stream}' ended before revision {next}, although {durable} had been acknowledged before it began.");
    }

    private async Task ReadAllAsync(Random random, CancellationToken stop)
    {
        RecordedEvent? last = null;
        var backwards = random.Next(2) == 0;
        var head = backwards || await log.ReadHeadAsync(stop) is not { } end ? Position.End : new Position(end.Value - (ulong)random.NextInt64(Math.Min(StretchMax, (long)end.Value)));
        await foreach (var recorded in log.ReadAllAsync(backwards ? ReadDirection.Backwards : ReadDirection.Forwards, head, countMax: StretchMax, cancellation: stop))
        {
            if (last is not null && recorded.Position.Value != (backwards ? last.Position.Value - 1 : last.Position.Value + 1))
                ledger.Violate($"A read of the log {(backwards ? "backwards" : "forwards")} gave position {recorded.Position} after {last.Position}.");
            last = recorded;
            Check(recorded);
        }
    }

    private void Check(RecordedEvent recorded)
    {
        Interlocked.Increment(ref _events);
        if (!IdentifiedEvent.IsIntact(recorded)) ledger.Violate($"Event {recorded.EventId} at position {recorded.Position} was read with other bytes than were appended.");
    }
}
