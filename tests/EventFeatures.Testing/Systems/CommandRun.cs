using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Testing.Systems;

/// <summary>What one call of the command ended with and printed.</summary>
/// <param name="ExitCode">As a shell sees it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs the command in this process.</summary>
    public static async Task<CommandRun> Of(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var exitCode = await EventFeaturesCommand.RunAsync(arguments, TextWriter.Synchronized(output), TextWriter.Synchronized(errors));
        return new CommandRun(exitCode, output.ToString(), errors.ToString());
    }

    /// <summary>All of it, for a failing test's message.</summary>
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}
