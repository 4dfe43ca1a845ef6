using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>plan</c> and <c>apply</c>: what definition files would change, and the change.</summary>
internal static class DefinitionVerbs
{
    public static Command Plan()
    {
        var files = DefinitionFilesArgument.Create();
        return new Command("plan", "Check definition files and show what applying them would change.") { files }
            .Does(async (invocation, cancellation) =>
            {
                var request = new PlanRequest { Files = { DefinitionFilesArgument.Read(invocation.Get(files)!) } };
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Registry.PlanAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                if (answer.Issues.Count > 0 && !invocation.Json)
                {
                    foreach (var issue in answer.Issues) await invocation.Error.WriteLineAsync(Write(issue)).ConfigureAwait(false);
                    return ExitCode.Malformed;
                }
                invocation.Print(answer, (writer, plan) =>
                {
                    if (Print(writer, plan.Changes)) writer.WriteLine($"next: {invocation.Next("apply")} {string.Join(' ', invocation.Get(files)!)} --reason TEXT");
                });
                return answer.Issues.Count > 0 ? ExitCode.Malformed : ExitCode.Done;
            });
    }

    public static Command Apply()
    {
        var files = DefinitionFilesArgument.Create();
        var reason = new Option<string>("--reason") { Description = "Why, as it is recorded.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var switches = new Option<bool>("--switch-when-caught-up")
        {
            Description = "Have each view's new version serve by the view's name as soon as it has caught up with the log; it is recorded, and the server does it. Default: `views switch` says when.",
        };
        return new Command("apply", "Record definitions in the log; what is already there is left as it is.") { files, reason, switches }
            .Does(async (invocation, cancellation) =>
            {
                var request = new ApplyRequest
                {
                    Files = { DefinitionFilesArgument.Read(invocation.Get(files)!) },
                    Reason = invocation.Get(reason),
                    Actor = invocation.Actor,
                    SwitchWhenCaughtUp = invocation.Get(switches),
                };
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Registry.ApplyAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, applied) =>
                {
                    if (!Print(writer, applied.Changes)) return;
                    writer.WriteLine($"recorded at position {applied.Position}");
                    foreach (var view in applied.Changes.Where(change => change is { Kind: "FeatureView", Version: > 1 } && change.Action != "unchanged"))
                        writer.WriteLine(invocation.Get(switches)
                            ? $"{view.Name}@v{view.Version} builds beside the version that serves, and serves once it has caught up. Next: {invocation.Next("status")}"
                            : $"{view.Name}@v{view.Version} builds beside the version that serves. Next, once it has caught up: {invocation.Next("views switch")} {view.Name} --version {view.Version}");
                });
            });
    }

    private static string Write(DefinitionIssue issue)
    {
        var place = issue.File.Length > 0 ? $"{issue.File}:{issue.Line}: " : "";
        return $"{place}{(issue.Path.Length > 0 ? issue.Path + ": " : "")}{issue.Message} [{issue.Code}]";
    }

    /// <returns>Whether there is something to change.</returns>
    private static bool Print(TextWriter writer, IReadOnlyCollection<DefinitionChange> changes)
    {
        foreach (var change in changes)
        {
            writer.WriteLine($"{change.Action,-10} {change.Kind} {change.Name} v{change.Version}  {Short(change.Digest)}");
            // All of a new definition would be new, and stands in the file.
            if (change.Action == "create") continue;
            foreach (var difference in change.Differences) writer.WriteLine($"             {difference}");
        }
        var changed = changes.Any(change => change.Action != "unchanged");
        if (!changed) writer.WriteLine("Nothing to change.");
        return changed;
    }

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
