using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Core.Entities;

namespace EventFeatures.Cli.Output;

/// <summary>Lineage for people.</summary>
internal static class LineageText
{
    private const int EventsShownMax = 5;
    private const int PredictionsShownMax = 20;

    public static void Print(TextWriter writer, LineageResponse answer, Invocation invocation)
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
            Print(writer, feature.Events, Math.Max(feature.EventCount, feature.Events.Count));
        }
        writer.WriteLine($"next: {invocation.Next("replay")} --prediction {answer.PredictionId}");
    }

    public static void Print(TextWriter writer, EventLineageResponse lineage, Invocation invocation)
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

    public static void Print(TextWriter writer, ValueLineageResponse lineage, Invocation invocation)
    {
        writer.WriteLine($"entity      {lineage.Entity} {EntityKeys.ToText(lineage.EntityKey)} as of {lineage.AsOf}");
        writer.WriteLine($"view        {lineage.View}  sha256 {lineage.ViewDigest}, known at position {lineage.KnownAt}");
        foreach (var feature in lineage.Features)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{feature.Value.Name} = {ValueText.Write(feature.Value.Value)}  {FeatureTable.StatusName(feature.Value.Status)}, of {feature.EventCount:N0} events"));
            Print(writer, feature.Events, feature.EventCount);
        }
        if (lineage.Features.SelectMany(feature => feature.Events).FirstOrDefault() is { } first)
            writer.WriteLine($"next: {invocation.Next("lineage")} --event {first.EventId}");
    }

    public static void Print(TextWriter writer, ColumnLineageResponse lineage)
    {
        var subjects = lineage.Subjects.Select(subject => subject.Id).ToList();
        writer.WriteLine($"{lineage.Subjects[0].Kind,-10}  {string.Join(", ", subjects)}");
        Print(writer, "rests on", lineage.Upstream);
        Print(writer, "used by", lineage.Downstream);
    }

    private static void Print(TextWriter writer, string direction, IReadOnlyCollection<ColumnEdge> edges)
    {
        if (edges.Count == 0)
        {
            writer.WriteLine($"{direction,-10}  nothing");
            return;
        }
        writer.WriteLine(direction);
        Table.Print(writer, ["  what", "for", "how", "which says"], edges.Select(edge => new[]
        {
            $"  {edge.From.Id}", edge.To.Id, edge.Use, edge.Text,
        }));
    }

    private static void Print(TextWriter writer, IReadOnlyCollection<LineageEvent> events, long count)
    {
        foreach (var item in events.TakeLast(EventsShownMax))
            writer.WriteLine($"  event     {item.EventId}  {item.Stream}@{item.Revision}  position {item.Position}  {item.OccurredAt}");
        var shown = Math.Min(EventsShownMax, events.Count);
        if (count > shown)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"            and {count - shown:N0} earlier ones; --json lists {(count > events.Count ? $"{events.Count:N0}, --limit N more" : "all")}"));
    }
}
