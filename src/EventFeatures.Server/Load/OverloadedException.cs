namespace EventFeatures.Server.Load;

/// <summary>The server has more to do than it takes on; this call was of the least importance, or came last.</summary>
internal sealed class OverloadedException(CallPriority priority, string what, TimeSpan retryAfter)
    : Exception(FormattableString.Invariant($"{what} The server refused a call of priority {priority.ToString().ToLowerInvariant()}. Retry after {retryAfter.TotalMilliseconds:0} ms, with the same ids."))
{
    /// <summary>The priority of the call.</summary>
    public CallPriority Priority { get; } = priority;

    /// <summary>When to come back.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
