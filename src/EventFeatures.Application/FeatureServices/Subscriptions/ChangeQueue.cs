using EventFeatures.Core.Events;

namespace EventFeatures.Application.FeatureServices.Subscriptions;

/// <summary>
/// The changed entities that wait for one subscriber, each once however often it changed, in the order of their first
/// change. One writes, one takes. Without room the writer waits.
/// </summary>
/// <param name="waitingMax">How many entities wait at most.</param>
/// <param name="start">The position that the subscriber has behind it.</param>
internal sealed class ChangeQueue(int waitingMax, Position start)
{
    private readonly Lock _gate = new();
    private readonly Queue<WaitingChange> _order = [];
    private readonly Dictionary<string, WaitingChange> _byKey = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly SemaphoreSlim _room = new(0, 1);
    private Position _read = start;
    private Exception? _failure;

    /// <summary>Up to where every change was taken.</summary>
    public Position Done
    {
        // What waits holds changes from its first one on.
        get { lock (_gate) return _order.TryPeek(out var first) ? first.Before : _read; }
    }

    /// <summary>An entity changed.</summary>
    /// <param name="keys">Its keys in the order of the service's views.</param>
    /// <param name="position">The event that changed it.</param>
    /// <param name="cancellation">Ends the wait for room.</param>
    public async ValueTask AddAsync(IReadOnlyList<string> keys, Position position, CancellationToken cancellation)
    {
        var key = string.Join('\u001e', keys);
        while (true)
        {
            lock (_gate)
            {
                if (_byKey.TryGetValue(key, out var waiting))
                {
                    waiting.Again(position);
                    return;
                }
                if (_order.Count < waitingMax)
                {
                    var change = new WaitingChange(key, keys, _read, position);
                    _order.Enqueue(change);
                    _byKey.Add(key, change);
                    Signal(_work);
                    return;
                }
            }
            await _room.WaitAsync(cancellation);
        }
    }

    /// <summary>All changes up to a position were added.</summary>
    public void ReadUpTo(Position position)
    {
        lock (_gate) _read = position;
    }

    /// <summary>No more will be added, because of a failure; it is told once what waits was taken.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate) _failure = failure;
        Signal(_work);
    }

    /// <summary>Takes the change that waits longest.</summary>
    /// <returns>Null when there was none for so long.</returns>
    public async ValueTask<WaitingChange?> TakeAsync(TimeSpan patience, CancellationToken cancellation)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_order.TryDequeue(out var change))
                {
                    _byKey.Remove(change.Key);
                    Signal(_room);
                    return change;
                }
                if (_failure is { } failure) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            }
            if (!await _work.WaitAsync(patience, cancellation)) return null;
        }
    }

    private static void Signal(SemaphoreSlim semaphore)
    {
        // Only its one waiter takes from it; to find it signalled already is as good.
        if (semaphore.CurrentCount > 0) return;
        try
        {
            semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another signalled in between.
        }
    }
}

/// <summary>An entity that changed, once or several times.</summary>
internal sealed class WaitingChange(string key, IReadOnlyList<string> keys, Position before, Position position)
{
    public string Key => key;

    /// <summary>The entity's keys in the order of the service's views.</summary>
    public IReadOnlyList<string> Keys => keys;

    /// <summary>A position before its first change and after all that were added before.</summary>
    public Position Before => before;

    /// <summary>Its newest change.</summary>
    public Position Newest { get; private set; } = position;

    /// <summary>How many earlier ones the newest stands for.</summary>
    public long Coalesced { get; private set; }

    public void Again(Position next)
    {
        // One event may give several views a row.
        if (next <= Newest) return;
        Newest = next;
        Coalesced++;
    }
}
