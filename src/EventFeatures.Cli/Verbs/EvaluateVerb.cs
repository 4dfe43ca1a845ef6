using System.CommandLine;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Pipeline;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>evaluate</c>: computes features over files, with no server and no database.</summary>
internal static class EvaluateVerb
{
    private const int ShownMax = 20;
    private const string SpineExample = """{"card": "4929", "time": "2026-01-01T00:00:00Z"}""";

    public static Command Create()
    {
        var definitions = new Option<string[]>("--definitions") { Description = "Definition files, or folders that hold them.", HelpName = "DIR", Required = true };
        var view = new Option<string?>("--view") { Description = "The feature view to compute, for example card_activity.", HelpName = "NAME" };
        var service = new Option<string?>("--service") { Description = "The feature service to compute, for example fraud.", HelpName = "NAME" };
        var events = new Option<string>("--events")
        {
            Description = "Events, a line each: {\"stream\": …, \"type\": …, \"time\": …, \"data\": {…}}; id and recordedAt may be left out. The file's order is the log's order.",
            HelpName = "FILE.jsonl",
            Required = true,
        };
        var spine = new Option<string>("--spine")
        {
            Description = "Keys and times, a line each: {\"<entity>\": key, \"time\": …}; knownAt, how many events of the file were known, may be left out. Other columns are carried along.",
            HelpName = "FILE.jsonl",
            Required = true,
        };
        return new Command("evaluate", "Compute features over files, with no server and no database: test a definition before applying it.")
            { definitions, view, service, events, spine }
            .Does(async (invocation, cancellation) =>
            {
                if (invocation.Get(view) is null == invocation.Get(service) is null)
                    throw new UsageException("Name what to compute: either --view NAME or --service NAME.");
                var files = DefinitionFilesArgument.Read(invocation.Get(definitions)!)
                    .Select(file => new Application.Definitions.DefinitionFile(file.Path, file.Content)).ToList();
                using var eventLines = UserFile.OpenText(invocation.Get(events)!);
                using var spineLines = UserFile.OpenText(invocation.Get(spine)!);
                var request = new EvaluateDefinitions(
                    files,
                    new EvaluationInput(eventLines.Name, eventLines),
                    new EvaluationInput(spineLines.Name, spineLines),
                    invocation.Out)
                {
                    View = invocation.Get(view),
                    Service = invocation.Get(service),
                };
                await using var application = new ServiceCollection().AddEventFeaturesApplication().BuildServiceProvider();
                var result = await application.GetRequiredService<IMediator>().Send(request, cancellation).ConfigureAwait(false);
                await invocation.Out.FlushAsync(cancellation).ConfigureAwait(false);
                if (result.Rows == 0)
                    await invocation.Error.WriteLineAsync($"{request.Spine.Name} has no row, so nothing was computed. A line of it looks like {SpineExample}").ConfigureAwait(false);
                foreach (var skipped in result.NotCounted.Take(ShownMax))
                    await invocation.Error.WriteLineAsync($"{request.Events.Name}:{skipped.Line}: not counted: {skipped.Detail} [{skipped.Code}]").ConfigureAwait(false);
                if (result.NotCounted.Count > ShownMax)
                    await invocation.Error.WriteLineAsync($"and {result.NotCounted.Count - ShownMax} more events that do not count").ConfigureAwait(false);
            });
    }
}
