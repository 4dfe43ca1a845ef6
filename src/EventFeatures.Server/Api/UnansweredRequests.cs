namespace EventFeatures.Server.Api;

/// <summary>Counts the requests of one stream that are not answered yet, and lets their one reader wait while there are too many.</summary>
internal sealed class UnansweredRequests(int countMax, long bytesMax)
{
    private readonly Lock _gate = new();
    private int _count;
    private long _bytes;
    private TaskCompletionSource? _waiter;

    /// <summary>Counts one, once there is room for it; one larger than all the room is taken when it is alone.</summary>
    public async ValueTask AddAsync(long bytes, CancellationToken cancellation)
    {
        while (TryAdd(bytes) is { } room) await room.WaitAsync(cancellation);
    }

    public void Answered(long bytes)
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _count--;
            _bytes -= bytes;
            (waiter, _waiter) = (_waiter, null);
        }
        waiter?.TrySetResult();
    }

    /// <summary>What to wait for before the next try; null when it was counted.</summary>
    private Task? TryAdd(long bytes)
    {
        lock (_gate)
        {
            if (_count == 0 || (_count < countMax && _bytes + bytes <= bytesMax))
            {
                _count++;
                _bytes += bytes;
                return null;
            }
            return (_waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
