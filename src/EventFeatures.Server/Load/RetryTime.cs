namespace EventFeatures.Server.Load;

/// <summary>
/// When a refused call had better come back: when those before it are done, at the rate seen of late. The lower its
/// priority, the later. Not safe for use by several threads at once.
/// </summary>
internal sealed class RetryTime(TimeProvider time)
{
    private static readonly TimeSpan SampleMin = TimeSpan.FromMilliseconds(200);

    private static readonly (double Min, double Max)[] Seconds = [(0.05, 1), (0.1, 2), (0.5, 10), (5, 60)];

    private long _done;
    private long _sampledDone;
    private long _sampledAt = time.GetTimestamp();
    private double _donePerSecond;

    /// <summary>A call was done.</summary>
    public void Done() => _done++;

    /// <param name="priority">The call's priority.</param>
    /// <param name="before">How many calls go before it.</param>
    public TimeSpan After(CallPriority priority, long before)
    {
        var elapsed = time.GetElapsedTime(_sampledAt);
        if (elapsed >= SampleMin)
        {
            _donePerSecond = (_done - _sampledDone) / elapsed.TotalSeconds;
            (_sampledDone, _sampledAt) = (_done, time.GetTimestamp());
        }
        var (min, max) = Seconds[(int)priority];
        return TimeSpan.FromSeconds(_donePerSecond > 0 ? Math.Clamp((before + 1) / _donePerSecond, min, max) : max);
    }
}
