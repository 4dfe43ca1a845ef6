namespace EventFeatures.Cli.CommandLine;

/// <summary>What the command's end means.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>Refused by a rule, or in conflict with what is there.</summary>
    public const int Refused = 1;

    /// <summary>The command or its input was malformed.</summary>
    public const int Malformed = 2;

    /// <summary>Something that is needed does not answer: the server, the log, the database, the disk.</summary>
    public const int DependencyDown = 3;

    /// <summary>A defect of ours.</summary>
    public const int Defect = 70;

    /// <summary>Stopped by the user.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read the output closed it; a shell has the same of a program that its system ends for it.</summary>
    public const int OutputClosed = 141;
}
