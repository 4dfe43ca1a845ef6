namespace EventFeatures.Cli.Output;

/// <summary>The output cannot be written, as on a full disk.</summary>
/// <param name="cause">What the system says, with or without a full stop.</param>
internal sealed class OutputFailedException(string cause)
    : IOException($"The output cannot be written: {cause.TrimEnd('.')}. Make room, or send it elsewhere.");
