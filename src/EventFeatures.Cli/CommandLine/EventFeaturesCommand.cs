using System.CommandLine;
using EventFeatures.Cli.Output;
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

            Begin with `demo payments`, or with `up` in one terminal and, in another, `apply`, `append`, `features get`,
            `predict` and `replay`. Exit codes: 0 done, 1 refused by a rule, 2 malformed input, 3 something that is needed
            does not answer, 70 a defect, 130 interrupted, 141 whoever read the output closed it.
            """);
        root.Options.Add(GlobalOptions.Home);
        root.Options.Add(GlobalOptions.Server);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.Actor);
        foreach (var verb in Verbs()) root.Subcommands.Add(verb);
        Examples.AddTo(root);
        return root;
    }

    /// <summary>Runs one command line and gives its exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        var parsed = Create().Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (UsageErrors.Of(parsed) is { Count: > 0 } mistakes && !parsed.Tokens.Any(token => token.Value is "--help" or "-h" or "-?"))
        {
            var name = UsageErrors.NameOf(parsed.CommandResult.Command);
            var asJson = IsJson(parsed);
            ErrorReport.Write(errors, asJson, "usage", string.Join(asJson ? " " : Environment.NewLine, [.. mistakes, $"See '{name} --help'."]));
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
        try
        {
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (OutputClosedException)
        {
            return ExitCode.OutputClosed;
        }
        catch (IOException unwritable)
        {
            // A verb reports its own errors; this is of --help or --version.
            var told = unwritable as OutputFailedException ?? new OutputFailedException(unwritable.Message);
            ErrorReport.Write(errors, IsJson(parsed), "file-unusable", told.Message);
            return ExitCode.DependencyDown;
        }
    }

    private static bool IsJson(ParseResult parsed) => parsed.Tokens.Any(token => token.Value == GlobalOptions.Json.Name);

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
        ExportVerb.Create(),
        ModelsVerb.Create(),
        ReplayVerb.Create(),
        LineageVerb.Create(),
        ConsistencyVerb.Create(),
        QuarantineVerb.Create(),
        StatusVerb.Create(),
        ViewsVerb.Create(),
        BackupVerbs.Backup(),
        BackupVerbs.Restore(),
        LogVerb.Create(),
    ];
}
