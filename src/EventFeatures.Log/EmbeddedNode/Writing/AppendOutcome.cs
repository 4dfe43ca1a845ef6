namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>How an append ended.</summary>
internal enum AppendEnd
{
    /// <summary>Durable now, or an exact retry of what was durable before.</summary>
    Appended,

    /// <summary>The stream was not in the expected state.</summary>
    WrongExpectedVersion,

    /// <summary>The stream is closed by a tombstone.</summary>
    StreamDeleted,

    /// <summary>Its deadline passed before it was tried.</summary>
    TimedOut,

    /// <summary>Storage does not take its content.</summary>
    Refused,

    /// <summary>Storage is away. It may or may not have happened; a retry with the same ids settles it.</summary>
    Unavailable,
}

/// <summary>An append's end, with the stream's last revision (-1 for none) and the position of the last event.</summary>
internal readonly record struct AppendOutcome(AppendEnd End, long Revision, long Position, string? Reason = null);
