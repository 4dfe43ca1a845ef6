namespace EventFeatures.Core.Events;

/// <summary>Where a catch-up subscription to one stream starts.</summary>
public readonly record struct FromStream
{
    private FromStream(bool live, long? after)
    {
        IsLive = live;
        Checkpoint = after;
    }

    /// <summary>From the first event that retention leaves.</summary>
    public static readonly FromStream Start = new(false, null);

    /// <summary>Only events appended from now on.</summary>
    public static readonly FromStream End = new(true, null);

    /// <summary>From the first event after this revision, which itself is not delivered.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="revision"/> is negative.</exception>
    public static FromStream After(long revision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        return new FromStream(false, revision);
    }

    /// <summary>Whether history is skipped.</summary>
    public bool IsLive { get; }

    /// <summary>The last revision already handled, or <see langword="null"/> when there is none.</summary>
    public long? Checkpoint { get; }
}
