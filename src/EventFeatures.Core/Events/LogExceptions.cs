namespace EventFeatures.Core.Events;

/// <summary>The stream was not in the state that an append expected. Reload the stream and decide again.</summary>
public sealed class WrongExpectedVersionException(string stream, StreamState expected, long? actualRevision)
    : Exception($"Append to '{stream}' expected {expected} but the stream {(actualRevision is { } actual ? $"is at revision {actual}" : "does not exist")}. Reload the stream and decide again.")
{
    /// <summary>The stream.</summary>
    public string Stream { get; } = stream;

    /// <summary>What was expected.</summary>
    public StreamState Expected { get; } = expected;

    /// <summary>The stream's last revision, or <see langword="null"/> when it does not exist.</summary>
    public long? ActualRevision { get; } = actualRevision;
}

/// <summary>The stream was tombstoned and can never be used again.</summary>
public sealed class StreamDeletedException(string stream)
    : Exception($"Stream '{stream}' was deleted for ever. Choose another name.")
{
    /// <summary>The stream.</summary>
    public string Stream { get; } = stream;
}

/// <summary>The log could not be reached, or refused for want of resources, within the retries' bound.</summary>
public sealed class LogUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The log can be reached, and does not let this client do what it asked.</summary>
public sealed class LogAccessDeniedException(string message) : Exception(message);

/// <summary>The append is larger than the log takes at once.</summary>
public sealed class AppendTooLargeException(string stream, long bytesMax)
    : ArgumentException($"The append to '{stream}' is larger than the {bytesMax} bytes that the log takes at once. Append fewer events at a time.");
