namespace EventFeatures.Server.Load;

/// <summary>
/// Lets in as much work as the limits allow, in the order of priority and, within one, of arrival. What finds no room
/// waits for a moment, within bounds; what cannot wait is refused with a time to come back, the least important first.
/// Decided by what is in work and who has waited how long, so that the same calls always end the same way.
/// </summary>
internal sealed class Admission
{
    // Once one has waited this long, those below its priority are refused at once: they would only wait in vain.
    private static readonly TimeSpan CrowdedAfter = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly LoadLimits _limits;
    private readonly TimeProvider _time;
    private readonly NestedBound _calls;
    private readonly NestedBound _bytes;
    private readonly RetryTime _retry;
    private readonly LinkedList<Waiter>[] _waiting = [.. Enum.GetValues<CallPriority>().Select(_ => new LinkedList<Waiter>())];
    private int _waitingCalls;
    private long _waitingBytes;

    public Admission(LoadLimits limits, TimeProvider time)
    {
        (_limits, _time) = (limits, time);
        _calls = new NestedBound(limits.WorkMax, limits.BackgroundMax);
        _bytes = new NestedBound(limits.WorkBytesMax);
        _retry = new RetryTime(time);
    }

    /// <summary>Waits for a place, which the caller gives back when it is done.</summary>
    /// <param name="priority">The call's priority.</param>
    /// <param name="bytes">What its message weighs.</param>
    /// <param name="patience">The longest it waits.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OverloadedException">There is no room for it.</exception>
    public async ValueTask<Place> EnterAsync(CallPriority priority, long bytes, TimeSpan patience, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (!AnyWaitsUpTo(priority) && _calls.Fits(priority, 1) && _bytes.Fits(priority, bytes)) return Occupy(priority, bytes);
            waiter = Queue(priority, bytes, patience);
        }
        try
        {
            return await waiter.Turn.WaitAsync(patience, _time, cancellation);
        }
        catch (Exception ended) when (ended is TimeoutException or OperationCanceledException)
        {
            if (Leave(waiter) is { } refusal)
            {
                if (ended is TimeoutException) throw refusal;
                throw;
            }
            // Its turn came in the same moment.
            var place = await waiter.Turn;
            if (ended is TimeoutException) return place;
            place.Dispose();
            throw;
        }
    }

    /// <summary>Calls in work now.</summary>
    public long InWork(CallPriority priority) { lock (_gate) return _calls.HeldBy(priority); }

    /// <summary>Bytes of the messages in work now.</summary>
    public long BytesInWork { get { lock (_gate) return _bytes.Held; } }

    /// <summary>Calls that wait now.</summary>
    public long Waiting(CallPriority priority) { lock (_gate) return _waiting[(int)priority].Count; }

    private bool AnyWaitsUpTo(CallPriority priority)
    {
        for (var level = 0; level <= (int)priority; level++)
            if (_waiting[level].Count > 0) return true;
        return false;
    }

    private Place Occupy(CallPriority priority, long bytes)
    {
        _calls.Add(priority, 1);
        _bytes.Add(priority, bytes);
        return new Place(this, priority, bytes);
    }

    private Waiter Queue(CallPriority priority, long bytes, TimeSpan patience)
    {
        if (patience <= TimeSpan.Zero || IsCrowdedAbove(priority)) throw Refusal(priority);
        while (_waitingCalls >= _limits.WaitingMax || (_waitingCalls > 0 && _waitingBytes + bytes > _limits.WaitingBytesMax))
        {
            if (LastBelow(priority) is not { } least) throw Refusal(priority);
            Remove(least);
            least.Refuse(Refusal(least.Priority));
        }
        var waiter = new Waiter(priority, bytes, _time.GetTimestamp());
        _waiting[(int)priority].AddLast(waiter.Node);
        _waitingCalls++;
        _waitingBytes += bytes;
        return waiter;
    }

    private bool IsCrowdedAbove(CallPriority priority)
    {
        for (var level = 0; level < (int)priority; level++)
            if (_waiting[level].First is { } first && _time.GetElapsedTime(first.Value.Since) >= CrowdedAfter) return true;
        return false;
    }

    /// <summary>Who waits for the shortest time among the least important below a priority.</summary>
    private Waiter? LastBelow(CallPriority priority)
    {
        for (var level = _waiting.Length - 1; level > (int)priority; level--)
            if (_waiting[level].Last is { } last) return last.Value;
        return null;
    }

    private void Remove(Waiter waiter)
    {
        _waiting[(int)waiter.Priority].Remove(waiter.Node);
        _waitingCalls--;
        _waitingBytes -= waiter.Bytes;
    }

    /// <summary>Takes one out of the queue that waits no longer, and says why it is refused; null when it is not in the queue any more.</summary>
    private OverloadedException? Leave(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node.List is null) return null;
            Remove(waiter);
            LetIn();
            return Refusal(waiter.Priority);
        }
    }

    private void Release(CallPriority priority, long bytes)
    {
        lock (_gate)
        {
            _calls.Remove(priority, 1);
            _bytes.Remove(priority, bytes);
            _retry.Done();
            LetIn();
        }
    }

    private void LetIn()
    {
        foreach (var waiting in _waiting)
            while (waiting.First?.Value is { } next)
            {
                // Nobody overtakes: one that needs much room would else wait for ever.
                if (!_calls.Fits(next.Priority, 1) || !_bytes.Fits(next.Priority, next.Bytes)) return;
                Remove(next);
                next.LetIn(Occupy(next.Priority, next.Bytes));
            }
    }

    private OverloadedException Refusal(CallPriority priority)
    {
        var before = _waiting.Take((int)priority + 1).Sum(waiting => (long)waiting.Count);
        return new OverloadedException(
            priority, FormattableString.Invariant($"There is too much to do: {_calls.Held} calls are in work and {_waitingCalls} wait."), _retry.After(priority, before));
    }

    /// <summary>Room for one call, until it is given back.</summary>
    internal sealed class Place(Admission admission, CallPriority priority, long bytes) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0) admission.Release(priority, bytes);
        }
    }

    private sealed class Waiter
    {
        private readonly TaskCompletionSource<Place> _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter(CallPriority priority, long bytes, long since)
        {
            (Priority, Bytes, Since) = (priority, bytes, since);
            Node = new LinkedListNode<Waiter>(this);
        }

        public CallPriority Priority { get; }

        public long Bytes { get; }

        public long Since { get; }

        public LinkedListNode<Waiter> Node { get; }

        public Task<Place> Turn => _turn.Task;

        public void LetIn(Place place) => _turn.TrySetResult(place);

        public void Refuse(OverloadedException refusal) => _turn.TrySetException(refusal);
    }
}
