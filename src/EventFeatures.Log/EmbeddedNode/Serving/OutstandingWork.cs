namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>Counts one caller's unanswered batches, and lets its reader wait while there are too many.</summary>
internal sealed class OutstandingWork(int countMax, long bytesMax)
{
    private readonly Lock _gate = new();
    private int _count;
    private long _bytes;
    private Func<bool>? _awaited;
    private TaskCompletionSource? _waiter;

    public bool IsFull { get { lock (_gate) return Full(); } }

    public void Begin(long bytes)
    {
        lock (_gate)
        {
            _count++;
            _bytes += bytes;
        }
    }

    public void Done(long bytes)
    {
        TaskCompletionSource? woken = null;
        lock (_gate)
        {
            _count--;
            _bytes -= bytes;
            if (_awaited?.Invoke() == true) (woken, _waiter, _awaited) = (_waiter, null, null);
        }
        woken?.TrySetResult();
    }

    /// <summary>Waits until there is room again.</summary>
    public Task WaitAsync(CancellationToken cancellation) => WaitAsync(() => !Full(), cancellation);

    /// <summary>Waits until everything is answered.</summary>
    public Task WaitUntilNoneAsync(CancellationToken cancellation) => WaitAsync(() => _count == 0, cancellation);

    private bool Full() => _count >= countMax || _bytes >= bytesMax;

    private Task WaitAsync(Func<bool> until, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (until()) return Task.CompletedTask;
            _awaited = until;
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiter.Task.WaitAsync(cancellation);
        }
    }
}
