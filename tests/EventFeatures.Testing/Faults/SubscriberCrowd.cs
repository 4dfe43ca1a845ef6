using EventFeatures.Core.Events;
using EventFeatures.Log.Client;

namespace EventFeatures.Testing.Faults;

/// <summary>Many subscribers to one node at once, over a few connections.</summary>
public sealed class SubscriberCrowd : IAsyncDisposable
{
    private const int PerConnection = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _given;
    private readonly List<EventStoreLog> _logs = [];
    private readonly List<Task> _running = [];
    private int _caughtUp;

    private SubscriberCrowd(int count) => _given = new long[count];

    /// <summary>Opens them, and waits until each has caught up.</summary>
    public static async Task<SubscriberCrowd> OpenAsync(string connection, int count, FromAll from, TimeSpan deadline)
    {
        var crowd = new SubscriberCrowd(count);
        for (var number = 0; number < count; number++)
        {
            if (number % PerConnection == 0) crowd._logs.Add(EventStoreLog.Connect(connection));
            var (log, own) = (crowd._logs[^1], number);
            crowd._running.Add(Task.Run(() => crowd.FollowAsync(log, own, from)));
        }
        await crowd.UntilAsync(() => Volatile.Read(ref crowd._caughtUp) >= count, deadline, () => $"{crowd._caughtUp} of {count} caught up");
        return crowd;
    }

    /// <summary>Waits until every one of them was given this many events.</summary>
    public Task GivenAsync(long events, TimeSpan deadline) =>
        UntilAsync(() => _given.All(given => given >= events), deadline, () => $"the slowest was given {_given.Min()} of {events} events");

    /// <summary>How many events each was given.</summary>
    public IReadOnlyList<long> Given => [.. _given];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var log in _logs) await log.DisposeAsync();
        _stop.Dispose();
    }

    private async Task FollowAsync(EventStoreLog log, int number, FromAll from)
    {
        try
        {
            await foreach (var message in log.SubscribeToAll(from, cancellation: _stop.Token))
            {
                if (message is LogMessage.Event) Interlocked.Increment(ref _given[number]);
                else if (message is LogMessage.CaughtUp) Interlocked.Increment(ref _caughtUp);
            }
        }
        catch (OperationCanceledException)
        {
            // The crowd goes home.
        }
    }

    private async Task UntilAsync(Func<bool> condition, TimeSpan deadline, Func<string> otherwise)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (_running.FirstOrDefault(task => task.IsFaulted) is { } failed) await failed;
            if (TimeProvider.System.GetElapsedTime(begun) > deadline) throw new TimeoutException($"Not within {deadline.TotalSeconds:0} s: {otherwise()}.");
            await Task.Delay(Look);
        }
    }
}
