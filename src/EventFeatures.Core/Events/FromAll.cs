namespace EventFeatures.Core.Events;

/// <summary>Where a catch-up subscription to the whole log starts.</summary>
public readonly record struct FromAll
{
    private FromAll(bool live, Position? after)
    {
        IsLive = live;
        Checkpoint = after;
    }

    /// <summary>From the first event.</summary>
    public static readonly FromAll Start = new(false, null);

    /// <summary>Only events appended from now on.</summary>
    public static readonly FromAll End = new(true, null);

    /// <summary>From the first event after this position, which itself is not delivered.</summary>
    public static FromAll After(Position position) => new(false, position);

    /// <summary>Whether history is skipped.</summary>
    public bool IsLive { get; }

    /// <summary>The last position already handled, or <see langword="null"/> when there is none.</summary>
    public Position? Checkpoint { get; }
}
