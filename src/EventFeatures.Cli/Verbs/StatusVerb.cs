using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>status</c>: the views and their backlog.</summary>
internal static class StatusVerb
{
    public static Command Create() =>
        new Command("status", "Show every view with its backlog (gap in events, lag in time), and how many of its partitions are projected here.")
            .Does(async (invocation, cancellation) =>
            {
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Features.GetStatusAsync(new GetStatusRequest(), cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, status) => Print(writer, status, invocation));
            });

    private static void Print(TextWriter writer, GetStatusResponse answer, Invocation invocation)
    {
        writer.WriteLine($"log head {answer.Head}");
        if (answer.Views.Count == 0)
        {
            writer.WriteLine($"No view is declared. Next: {invocation.Next("apply")} FILES");
            return;
        }
        Table.Print(writer, ["view", "state", "here", "checkpoint", "gap", "lag", "entities", "events", "unkeyed", "quarantined"], answer.Views.Select(view => new[]
        {
            view.View,
            view.Served ? view.State : view.State + (view.ServesNext ? ", serves once caught up" : ", by version only"),
            $"{view.PartitionsHere} of {view.Partitions}",
            view.HasCheckpoint ? view.Checkpoint.ToString(CultureInfo.InvariantCulture) : "",
            view.Gap.ToString("N0", CultureInfo.InvariantCulture),
            view.LagSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s",
            view.Entities.ToString("N0", CultureInfo.InvariantCulture),
            view.Events.ToString("N0", CultureInfo.InvariantCulture),
            view.Unkeyed.ToString("N0", CultureInfo.InvariantCulture),
            view.Quarantined.ToString("N0", CultureInfo.InvariantCulture),
        }));
        foreach (var view in answer.Views.Where(view => view.State == "catching-up"))
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{view.View}: {view.Progress:P0} of the log is behind it{Left(view)}"));
        foreach (var view in answer.Views.Where(view => view.BuiltFrom.Length > 0)) writer.WriteLine($"{view.View}: built from {view.BuiltFrom}");
        if (answer.Consistency is { } consistency) writer.WriteLine(ConsistencyVerb.Summary(consistency));
        foreach (var view in answer.Views.Where(view => view.Fault.Length > 0)) writer.WriteLine($"{view.View}: {view.Fault}");
    }

    /// <summary>How long catching up will take, as the end of a sentence; nothing where that cannot be told.</summary>
    internal static string Left(ViewStatus view) => !view.HasRemainingSeconds ? "" :
        string.Create(CultureInfo.InvariantCulture, $", about {TimeSpan.FromSeconds(Math.Min(view.RemainingSeconds, 3e9)):d\\.hh\\:mm\\:ss} left");
}
