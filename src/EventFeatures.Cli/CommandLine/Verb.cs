using System.CommandLine;

namespace EventFeatures.Cli.CommandLine;

/// <summary>Binds a verb's work to its command; every error becomes a message and an exit code.</summary>
internal static class Verb
{
    public static Command Does(this Command command, Func<Invocation, CancellationToken, Task<int>> work)
    {
        command.SetAction(async (parsed, cancellation) =>
        {
            var invocation = new Invocation(parsed);
            try
            {
                return await work(invocation, cancellation).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                return ErrorReport.Print(error, invocation);
            }
        });
        return command;
    }

    public static Command Does(this Command command, Func<Invocation, CancellationToken, Task> work) =>
        command.Does(async (invocation, cancellation) =>
        {
            await work(invocation, cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
}
