namespace EventFeatures.Cli.Output;

/// <summary>Whoever read the output has closed it, as <c>head</c> does: nothing more is wanted, and there is nobody to tell.</summary>
internal sealed class OutputClosedException() : IOException("The output was closed by its reader.");
