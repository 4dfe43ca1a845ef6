namespace EventFeatures.Application.Events;

/// <summary>
/// A rate with a burst: tokens come in at the rate, up to the burst, and work takes them out. Exact in whole numbers,
/// so that the same calls at the same times always have the same answers.
/// </summary>
/// <param name="perSecond">Tokens that come in a second.</param>
/// <param name="burst">The time in which an empty bucket fills.</param>
/// <param name="frequency">Timestamps a second.</param>
/// <param name="now">The timestamp at which the bucket is full.</param>
internal sealed class TokenBucket(long perSecond, TimeSpan burst, long frequency, long now)
{
    // In tokens times the frequency, so that what a tick brings is a whole number.
    private readonly Int128 _capacity = Int128.Max((Int128)perSecond * burst.Ticks * frequency / TimeSpan.TicksPerSecond, frequency);
    private Int128 _level = Int128.Max((Int128)perSecond * burst.Ticks * frequency / TimeSpan.TicksPerSecond, frequency);
    private long _at = now;

    /// <summary>How long until so much may be taken; zero for at once. More than the burst may be taken from a full bucket.</summary>
    public TimeSpan WaitFor(long tokens, long timestamp)
    {
        Fill(timestamp);
        var missing = Int128.Min((Int128)tokens * frequency, _capacity) - _level;
        if (missing <= 0) return TimeSpan.Zero;
        // Rounded up, or the caller would come back a tick too early.
        var divisor = (Int128)perSecond * frequency;
        var ticks = ((missing * TimeSpan.TicksPerSecond) + divisor - 1) / divisor;
        return ticks > TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>Takes so much, into debt if need be.</summary>
    public void Take(long tokens) => _level -= (Int128)tokens * frequency;

    /// <summary>Puts back what was taken for nothing.</summary>
    public void GiveBack(long tokens) => _level = Int128.Min(_level + ((Int128)tokens * frequency), _capacity);

    /// <summary>Whether it is as if it had never been used.</summary>
    public bool IsFull(long timestamp)
    {
        Fill(timestamp);
        return _level == _capacity;
    }

    private void Fill(long timestamp)
    {
        if (timestamp <= _at) return;
        _level = Int128.Min(_level + ((Int128)(timestamp - _at) * perSecond), _capacity);
        _at = timestamp;
    }
}
