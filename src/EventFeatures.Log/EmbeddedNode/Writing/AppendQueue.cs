using System.Threading.Channels;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>What waits for the writer, bounded in events and in bytes over all callers.</summary>
internal sealed class AppendQueue(int eventsMax, long bytesMax, TimeProvider time)
{
    private readonly Channel<AppendRequest> _requests =
        Channel.CreateUnbounded<AppendRequest>(new UnboundedChannelOptions { SingleReader = true });

    private static readonly TimeSpan RetryAfterMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SampleMin = TimeSpan.FromMilliseconds(200);

    private readonly Lock _sampling = new();
    private long _events;
    private long _bytes;
    private long _taken;
    private long _sampledTaken;
    private long _sampledAt = time.GetTimestamp();
    private double _takenPerSecond;
    private volatile string? _refusal;

    /// <summary>Events that wait now.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Their bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Why appends are refused at once, or <see langword="null"/> while they are taken.</summary>
    public string? Refusal { get => _refusal; set => _refusal = value; }

    /// <summary>Whether the request was taken; false when the queue is full.</summary>
    public bool TryAdd(AppendRequest request)
    {
        var weight = Weight(request);
        var (events, bytes) = (Interlocked.Add(ref _events, weight), Interlocked.Add(ref _bytes, request.Rows.Length));
        // A single request larger than a bound still passes when nothing else waits.
        if (events > eventsMax + (weight - 1) || (bytes > bytesMax && bytes > request.Rows.Length))
        {
            Forget(request);
            return false;
        }
        if (_requests.Writer.TryWrite(request)) return true;
        Forget(request);
        return false;
    }

    /// <summary>
    /// How long a refused caller had better wait: until half of what waits now is written, at the rate seen of late.
    /// Range: 50 ms to 2 s; the most while nothing is being written.
    /// </summary>
    public TimeSpan RetryAfter()
    {
        lock (_sampling)
        {
            var elapsed = time.GetElapsedTime(_sampledAt);
            if (elapsed >= SampleMin)
            {
                var taken = Interlocked.Read(ref _taken);
                _takenPerSecond = (taken - _sampledTaken) / elapsed.TotalSeconds;
                (_sampledTaken, _sampledAt) = (taken, time.GetTimestamp());
            }
            var seconds = _takenPerSecond > 0 ? Events / 2 / _takenPerSecond : RetryAfterMax.TotalSeconds;
            return TimeSpan.FromSeconds(Math.Clamp(seconds, RetryAfterMin.TotalSeconds, RetryAfterMax.TotalSeconds));
        }
    }

    /// <summary>The next request, if one waits.</summary>
    public bool TryTake(out AppendRequest request)
    {
        if (!_requests.Reader.TryRead(out request!)) return false;
        Forget(request);
        Interlocked.Add(ref _taken, Weight(request));
        return true;
    }

    /// <summary>The next request without taking it, if one waits.</summary>
    public bool TryPeek(out AppendRequest request) => _requests.Reader.TryPeek(out request!);

    /// <summary>Waits until something can be taken; false once the queue is closed and empty.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _requests.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes no more; what waits can still be taken.</summary>
    public void Close() => _requests.Writer.TryComplete();

    private static int Weight(AppendRequest request) => Math.Max(1, request.Events.Length);

    private void Forget(AppendRequest request)
    {
        Interlocked.Add(ref _events, -Weight(request));
        Interlocked.Add(ref _bytes, -request.Rows.Length);
    }
}
