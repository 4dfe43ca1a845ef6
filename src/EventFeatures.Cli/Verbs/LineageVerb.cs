using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using EventFeatures.Core.Entities;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>lineage</c>: what a prediction rests on.</summary>
internal static class LineageVerb
{
    private const int EventsShownMax = 5;
    private const int PredictionsShownMax = 20;

    public static Command Create()
    {
        var prediction = new Option<string>("--prediction") { Description = "The prediction's id.", HelpName = "ID" };
        var eventId = new Option<string>("--event") { Description = "Instead: an event's id, for the views and entities that count it and the predictions that rest on it.", HelpName = "ID" };
        return new Command("lineage", "Show the events, definitions and model bytes that a prediction rests on, or what an event touched.") { prediction, eventId }
            .Does(async (invocation, cancellation) =>
            {
                if (invocation.Get(prediction) is null == invocation.Get(eventId) is null) throw new UsageException("Name one: a prediction with --prediction ID, or an event with --event ID.");
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                if (invocation.Get(eventId) is { } id)
                {
                    var touched = await api.Audit.EventLineageAsync(new EventLineageRequest { EventId = id }, cancellationToken: cancellation).ConfigureAwait(false);
                    invocation.Print(touched, (writer, lineage) => Print(writer, lineage, invocation));
                    return;
                }
                var answer = await api.Audit.LineageAsync(
                    new LineageRequest { PredictionId = invocation.Get(prediction) }, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, lineage) => Print(writer, lineage, invocation));
            });
    }

    private static void Print(TextWriter writer, EventLineageResponse lineage, Invocation invocation)
    {
        foreach (var use in lineage.Uses)
            writer.WriteLine($"counts      {use.View} of {EntityKeys.ToText(use.EntityKey)}  {use.Event.Stream}@{use.Event.Revision}  position {use.Event.Position}  {use.Event.OccurredAt}");
        foreach (var touched in lineage.Predictions.Take(PredictionsShownMax))
            writer.WriteLine($"prediction  {touched.PredictionId} of {touched.Model} as of {touched.AsOf}: {string.Join(", ", touched.Features)}");
        if (lineage.PredictionCount > Math.Min(PredictionsShownMax, lineage.Predictions.Count))
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"            {lineage.PredictionCount:N0} predictions in all; --json names up to 1,000"));
        if (lineage.PredictionCount == 0) writer.WriteLine("prediction  none rests on it");
        if (lineage.NotTraced > 0) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"not traced  {lineage.NotTraced:N0} predictions whose definitions are gone"));
        if (lineage.Predictions.Count > 0) writer.WriteLine($"next: {invocation.Next("lineage")} --prediction {lineage.Predictions[0].PredictionId}");
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
