namespace EventFeatures.Cli.CommandLine;

/// <summary>The command's words or files cannot be used. The message says why and what to do.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
