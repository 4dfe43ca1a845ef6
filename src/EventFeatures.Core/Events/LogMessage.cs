namespace EventFeatures.Core.Events;

/// <summary>What a catch-up subscription delivers, in the log's order.</summary>
public abstract record LogMessage
{
    private LogMessage() { }

    /// <summary>An event that passed the filter.</summary>
    public sealed record Event(RecordedEvent Recorded) : LogMessage;

    /// <summary>Everything up to here was looked at, though nothing of it may have passed the filter.</summary>
    public sealed record Checkpoint(Position Position) : LogMessage;

    /// <summary>All history was delivered; what follows is live. Comes again after a resubscription.</summary>
    public sealed record CaughtUp : LogMessage;
}
