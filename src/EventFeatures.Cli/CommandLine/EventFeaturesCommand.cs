using System.CommandLine;
using EventFeatures.Cli.Verbs;

namespace EventFeatures.Cli.CommandLine;

/// <summary>The command and its verbs.</summary>
internal static class EventFeaturesCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand(
            """
            EventFeatures: an event-sourced feature store whose every prediction can be reproduced by replay.

            Begin with `demo payments`, or with `up` in one terminal and, in another:
              apply FILES              declare contracts, entities, views, services, models
              append ...               append events
              features get ...         read features
              predict ...              ask a model
              replay --all             reproduce every prediction from the log
            """);
        root.Options.Add(GlobalOptions.Home);
        root.Options.Add(GlobalOptions.Server);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.Actor);
        foreach (var verb in Verbs()) root.Subcommands.Add(verb);
        return root;
    }

    /// <summary>Runs one command line and gives its exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        var parsed = Create().Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (parsed.Errors.Count > 0 && !parsed.Tokens.Any(token => token.Value is "--help" or "-h" or "-?"))
        {
            foreach (var error in parsed.Errors.DistinctBy(error => error.Message)) await errors.WriteLineAsync(error.Message).ConfigureAwait(false);
            await errors.WriteLineAsync($"See '{NameOf(parsed.CommandResult.Command)} --help'.").ConfigureAwait(false);
            return ExitCode.Malformed;
        }
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = output,
            Error = errors,
            // Stopping the database cleanly takes a moment.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
        };
        return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
    }

    private static string NameOf(Command command) =>
        command is RootCommand ? Invocation.CommandName : $"{NameOf(command.Parents.OfType<Command>().First())} {command.Name}";

    private static IEnumerable<Command> Verbs() =>
    [
        UpVerb.Create(),
        DemoVerb.Create(),
        DefinitionVerbs.Plan(),
        DefinitionVerbs.Apply(),
        EvaluateVerb.Create(),
        AppendVerb.Create(),
        FeaturesVerb.Create(),
        PredictVerb.Create(),
        OutcomeVerb.Create(),
        TrainingSetVerb.Create(),
        ModelsVerb.Create(),
        ReplayVerb.Create(),
        LineageVerb.Create(),
        StatusVerb.Create(),
        BackupVerbs.Backup(),
        BackupVerbs.Restore(),
    ];
}
