using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>How far a view has come in the log, and who waits for it to come further.</summary>
internal sealed class ViewProgress(ViewReference view, Position? checkpoint, ViewTotals totals, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<Waiter> _waiters = new(Waiter.Order);
    private Position? _known = checkpoint;
    private ViewTotals _totals = totals;
    private Position? _target;
    private long _sequence;
    private long _inFlight;
    private long? _behindSince = time.GetTimestamp();
    private readonly long _begunAt = time.GetTimestamp();
    private readonly ulong _begunWith = checkpoint?.Value ?? 0;
    private bool _live;

    /// <summary>The last position whose effects are visible.</summary>
    public Position? Known
    {
        get { lock (_gate) return _known; }
    }

    public ViewTotals Totals
    {
        get { lock (_gate) return _totals; }
    }

    /// <summary>Whether the subscription delivered all history.</summary>
    public bool IsLive
    {
        get { lock (_gate) return _live; }
    }

    public bool HasWaiters
    {
        get { lock (_gate) return _waiters.Count > 0; }
    }

    /// <summary>Called when somebody starts to wait.</summary>
    public event Action? Wanted;

    /// <summary>A subscription starts: what follows is history until it says otherwise.</summary>
    public void CatchUpTo(Position? head)
    {
        lock (_gate)
        {
            _live = false;
            _target = head;
            _behindSince ??= time.GetTimestamp();
        }
    }

    public void CaughtUp()
    {
        lock (_gate)
        {
            _live = true;
            if (_inFlight == 0) _behindSince = null;
        }
    }

    public void Received()
    {
        lock (_gate)
            if (_inFlight++ == 0) _behindSince ??= time.GetTimestamp();
    }

    /// <summary>A received event is visible, with all before it.</summary>
    public void Folded(Position position, in ViewTotals sum)
    {
        lock (_gate)
        {
            _totals = sum;
            AdvanceLocked(position);
            if (--_inFlight == 0 && _live) _behindSince = null;
        }
    }

    /// <summary>Everything up to a position is visible; tells those who waited for it.</summary>
    public void Advance(Position position)
    {
        lock (_gate) AdvanceLocked(position);
    }

    /// <summary>Completes once a position is visible.</summary>
    /// <exception cref="ViewUnavailableException">The deadline passed first.</exception>
    public async Task WaitAsync(Position position, TimeSpan deadline, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (position <= _known) return;
            waiter = new Waiter(position, _sequence++);
            _waiters.Add(waiter);
        }
        Wanted?.Invoke();
        try
        {
            await waiter.Reached.Task.WaitAsync(deadline, time, cancellation);
        }
        catch (TimeoutException timeout)
        {
            throw new ViewUnavailableException(
                $"View '{view}' did not reach position {position} within {deadline.TotalSeconds:0.###} s; it is at {(Known is { } known ? known : "its start")}. Ask again later, with a longer deadline, or without a minimal position.",
                timeout);
        }
        finally
        {
            lock (_gate) _waiters.Remove(waiter);
        }
    }

    /// <summary>Ends every wait, because the view stops.</summary>
    public void Abandon(Exception reason)
    {
        lock (_gate)
        {
            foreach (var waiter in _waiters) waiter.Reached.TrySetException(reason);
            _waiters.Clear();
        }
    }

    public (Position? Known, bool Live, long Gap, TimeSpan Lag) Backlog()
    {
        lock (_gate)
        {
            var lag = _behindSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            var behind = _target is { } target && !(target <= _known) ? (long)(target.Value - (_known?.Value ?? 0)) : 0;
            return (_known, _live, _live ? _inFlight : Math.Max(behind, _inFlight), lag);
        }
    }

    /// <summary>Which share of the log's positions is behind the view, and how long the rest will take at the pace of this run.</summary>
    public (double Share, TimeSpan? Remaining) Advancement()
    {
        lock (_gate)
        {
            if (_live) return (1, TimeSpan.Zero);
            // Until the log was asked for its head, nothing can be said.
            if (_target is not { } target || target.Value == 0) return (0, null);
            var (known, begun) = (_known?.Value ?? 0, _begunWith);
            var share = Math.Min(1, (double)known / target.Value);
            if (known >= target.Value) return (share, TimeSpan.Zero);
            return (share, known > begun ? (target.Value - known) / (double)(known - begun) * time.GetElapsedTime(_begunAt) : null);
        }
    }

    private void AdvanceLocked(Position position)
    {
        if (position <= _known) return;
        _known = position;
        while (_waiters.Count > 0 && _waiters.Min is { } next && next.Position <= position)
        {
            _waiters.Remove(next);
            next.Reached.TrySetResult();
        }
    }

    private sealed record Waiter(Position Position, long Sequence)
    {
        public static readonly IComparer<Waiter> Order = Comparer<Waiter>.Create((left, right) =>
            left.Position.CompareTo(right.Position) is var order and not 0 ? order : left.Sequence.CompareTo(right.Sequence));

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
