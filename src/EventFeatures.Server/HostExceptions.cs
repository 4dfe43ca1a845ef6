namespace EventFeatures.Server;

/// <summary>Settings that cannot be used; lists all of them, not only the first.</summary>
public sealed class ConfigurationInvalidException(IReadOnlyList<string> issues)
    : Exception($"EventFeatures cannot start: {string.Join("; ", issues)}.")
{
    public IReadOnlyList<string> Issues { get; } = issues;
}

/// <summary>A part of the system could not be started. The message says which, why, and what to do.</summary>
public sealed class HostStartException(string message, Exception? inner = null) : Exception(message, inner);
