using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Partitions;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Holds what was folded but is not committed, and commits it in coalesced batches, one at a time and in order.
/// The fold adds to the open batch; past the bound it is held back until a commit made room.
/// </summary>
internal sealed class WriteBehind(
    ViewsOptions options, TimeProvider time, ViewHealth health, OwnedPartitions owned, Func<bool> isLive, Func<PendingBatch, CancellationToken, Task> commit)
{
    // Other workers read a partition as far as its checkpoint says, so they are told sooner how far that is.
    private readonly TimeSpan _bareDelayMax = owned.IsWhole ? options.CheckpointDelayMax : options.CommitDelayMax;

    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly SemaphoreSlim _room = new(0, 1);
    private PendingBatch? _closing;
    private long _committed;
    private bool _hurry;

    /// <summary>Guards the open batch. The fold holds it while it applies one event, so that a batch ends between two.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The batch that the fold adds to; read and changed with the gate held.</summary>
    public PendingBatch Open { get; private set; } = new(owned.Start, owned.Totals);

    /// <summary>The number of the last batch that is in the database; 0 before the first.</summary>
    public long CommittedNumber => Volatile.Read(ref _committed);

    /// <summary>Called when history ends, since what is live is committed sooner.</summary>
    public void CaughtUp() => Signal(_work);

    /// <summary>Called by the fold, with the gate held, after it applied a message.</summary>
    public void Applied(Position position)
    {
        var batch = Open;
        batch.Checkpoint = position;
        var first = batch.OpenedAt is null;
        batch.OpenedAt ??= time.GetTimestamp();
        if (first || batch.FirstEffect == position || batch.EventCount >= options.BatchEventsMax) Signal(_work);
    }

    /// <summary>Whether an uncommitted batch has admitted an event of this id in this stream.</summary>
    public bool HasId(StreamKey stream, Guid eventId)
    {
        lock (Gate) return Open.Ids.Contains(new(stream, eventId)) || _closing?.Ids.Contains(new(stream, eventId)) == true;
    }

    /// <summary>Completes when there is room for more.</summary>
    public async ValueTask RoomAsync(CancellationToken cancellation)
    {
        while (Uncommitted() >= options.UncommittedEventsMax) await _room.WaitAsync(cancellation);
    }

    /// <summary>Completes when every change at or before a position is in the database.</summary>
    public async Task CommittedAsync(ViewReference view, Position position, TimeSpan deadline, CancellationToken cancellation)
    {
        PendingBatch? last;
        lock (Gate)
        {
            last = Open.Holds(position) ? Open : _closing?.Holds(position) == true ? _closing : null;
            if (last is null) return;
            _hurry = true;
        }
        Signal(_work);
        // A stopped view heals in its own time; a caller is better served by a clear answer now.
        if (health.CommitFault is { } fault) throw new ViewUnavailableException($"View '{view}' has position {position} in memory alone. {fault}");
        try
        {
            await last.Committed.WaitAsync(deadline, time, cancellation);
        }
        catch (TimeoutException timeout)
        {
            throw new ViewUnavailableException(
                $"View '{view}' did not commit up to position {position} within {deadline.TotalSeconds:0.###} s. The database is slow. Ask again later.", timeout);
        }
    }

    /// <summary>Commits until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await DueAsync(cancellation);
            await CommitAsync(cancellation);
        }
    }

    /// <summary>Commits what there is.</summary>
    public async Task CommitAsync(CancellationToken cancellation)
    {
        PendingBatch batch;
        lock (Gate)
        {
            if (_closing is null)
            {
                if (Open.IsEmpty) return;
                _closing = Open;
                Open = new PendingBatch(_closing.Checkpoint, _closing.Totals) { Number = _closing.Number + 1 };
                _hurry = false;
            }
            batch = _closing;
        }
        await health.TryAsync(ViewHealth.Commit, () => $"up to position {batch.Checkpoint}", token => commit(batch, token), cancellation);
        foreach (var dirty in batch.Dirty) dirty.Entity.Committed(dirty);
        Volatile.Write(ref _committed, batch.Number);
        lock (Gate) _closing = null;
        batch.Complete();
        Signal(_room);
    }

    /// <summary>Commits all there is, when nothing more is folded.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        bool isLeft;
        do
        {
            await CommitAsync(cancellation);
            lock (Gate) isLeft = _closing is not null || !Open.IsEmpty;
        }
        while (isLeft);
    }

    /// <summary>Ends every wait, because the view stops.</summary>
    public void Abandon(Exception reason)
    {
        lock (Gate)
        {
            Open.Abandon(reason);
            _closing?.Abandon(reason);
        }
    }

    private int Uncommitted()
    {
        lock (Gate) return Open.EventCount + (_closing?.EventCount ?? 0);
    }

    private async Task DueAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan wait;
            lock (Gate)
            {
                if (_closing is not null) return;
                wait = Due();
            }
            if (wait <= TimeSpan.Zero) return;
            await _work.WaitAsync(wait, cancellation);
        }
    }

    private TimeSpan Due()
    {
        if (Open.IsEmpty || Open.OpenedAt is not { } openedAt) return options.CheckpointDelayMax;
        if (_hurry || Open.EventCount >= options.BatchEventsMax) return TimeSpan.Zero;
        var delayMax = !isLive() ? options.CheckpointDelayMax : Open.FirstEffect is null ? _bareDelayMax : options.CommitDelayMax;
        return delayMax - time.GetElapsedTime(openedAt);
    }

    private static void Signal(SemaphoreSlim semaphore)
    {
        try
        {
            if (semaphore.CurrentCount == 0) semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else signalled at the same moment; one signal is enough.
        }
    }
}
