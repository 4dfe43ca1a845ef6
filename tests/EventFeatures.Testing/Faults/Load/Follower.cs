using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Load;

/// <summary>How a subscriber behaves.</summary>
internal enum FollowerTemper
{
    /// <summary>Takes what comes.</summary>
    Steady,

    /// <summary>Wants the streams of a prefix only.</summary>
    Filtered,

    /// <summary>Stops reading for a while, again and again.</summary>
    Slow,

    /// <summary>Lets go, and comes back with its checkpoint, again and again.</summary>
    Restless,
}

/// <summary>A subscriber that notes the positions which it was given, whatever happens to its connection.</summary>
internal sealed class Follower(IEventLog log, FollowerTemper temper, Ledger ledger, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<ulong> _delivered = [];
    private Position? _last;
    private long _seen;

    public FollowerTemper Temper => temper;

    /// <summary>The positions that were delivered, in their order. To be asked once <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<ulong> Delivered => _delivered;

    /// <summary>The last position that it has heard of, be it by an event or by a checkpoint.</summary>
    public ulong Seen => (ulong)Interlocked.Read(ref _seen);

    public static string? PrefixOf(FollowerTemper temper) => temper == FollowerTemper.Filtered ? Appenders.SharedPrefix : null;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stop);
            }
            catch (Exception passing) when (passing is LogUnavailableException or OperationCanceledException)
            {
                // The next subscription continues after the last position.
            }
            catch (Exception unexpected)
            {
                ledger.Violate($"The {temper} follower failed in a way that no fault explains: {unexpected}");
                return;
            }
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        var filter = PrefixOf(temper) is { } prefix ? EventFilter.ByStreamPrefix(prefix) : null;
        var left = temper == FollowerTemper.Restless ? _random.Next(1, 2000) : int.MaxValue;
        await foreach (var message in log.SubscribeToAll(_last is { } last ? FromAll.After(last) : FromAll.Start, filter, stop))
        {
            if (message is LogMessage.Event { Recorded: var recorded }) Note(recorded);
            else if (message is LogMessage.Checkpoint { Position: var checkpoint }) Note(checkpoint);
            if (temper == FollowerTemper.Slow && _random.Next(500) == 0) await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1000)), stop);
            if (--left == 0) return;
        }
    }

    private void Note(RecordedEvent recorded)
    {
        _delivered.Add(recorded.Position.Value);
        if (!IdentifiedEvent.IsIntact(recorded)) ledger.Violate($"The {temper} follower got event {recorded.EventId} with other bytes than were appended.");
        Note(recorded.Position);
    }

    private void Note(Position position)
    {
        if (_last is { } last && position < last) ledger.Violate($"The {temper} follower got position {position} after {last}.");
        _last = position;
        Interlocked.Exchange(ref _seen, (long)position.Value);
    }
}
