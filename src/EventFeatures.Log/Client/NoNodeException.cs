namespace EventFeatures.Log.Client;

/// <summary>No node was found to go to; there may be one soon, such as the leader that a cluster is just electing.</summary>
internal sealed class NoNodeException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The least to wait before looking again: with all of a call's retries, longer than an election of some seconds.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
}
