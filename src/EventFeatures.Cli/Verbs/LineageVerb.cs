using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>lineage</c>: what a prediction rests on.</summary>
internal static class LineageVerb
{
    private const int EventsShownMax = 5;

    public static Command Create()
    {
        var prediction = new Option<string>("--prediction") { Description = "The prediction's id.", HelpName = "ID", Required = true };
        return new Command("lineage", "Show the events, definitions and model bytes that a prediction rests on.") { prediction }
            .Does(async (invocation, cancellation) =>
            {
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Audit.LineageAsync(
                    new LineageRequest { PredictionId = invocation.Get(prediction) }, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, lineage) => Print(writer, lineage, invocation));
            });
    }

    private static void Print(TextWriter writer, LineageResponse answer, Invocation invocation)
    {
        writer.WriteLine($"prediction  {answer.PredictionId} at position {answer.Position}");
        writer.WriteLine($"model       {answer.Model} v{answer.ModelVersion}  sha256 {answer.ModelDigest}");
        writer.WriteLine($"service     {answer.Service}  sha256 {answer.ServiceDigest}");
        foreach (var feature in answer.Features)
        {
            writer.WriteLine($"{feature.Name}");
            if (feature.View.Length > 0)
                writer.WriteLine($"  view      {feature.View}  sha256 {feature.ViewDigest}, known at position {feature.KnownAt}");
            if (feature.Contract.Length > 0) writer.WriteLine($"  contract  {feature.Contract}  sha256 {feature.ContractDigest}");
            foreach (var item in feature.Events.TakeLast(EventsShownMax))
                writer.WriteLine($"  event     {item.EventId}  {item.Stream}@{item.Revision}  position {item.Position}  {item.OccurredAt}");
            if (feature.Events.Count > EventsShownMax)
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"            and {feature.Events.Count - EventsShownMax:N0} earlier ones; --json lists all"));
        }
        writer.WriteLine($"next: {invocation.Next("replay")} --prediction {answer.PredictionId}");
    }
}
