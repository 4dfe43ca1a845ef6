using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Demos.Payments;

namespace EventFeatures.Cli.Demos;

/// <summary>What to simulate.</summary>
/// <param name="Events">Distinct events; redeliveries come on top. At least 5,000, so that the first part holds fraud.</param>
/// <param name="Predictions">How many payments of the second part to ask about.</param>
/// <param name="Seed">Names the stream.</param>
internal sealed record PaymentsDemoOptions(int Events = 200_000, int Predictions = 20_000, ulong Seed = 1);

/// <summary>
/// The whole loop on card payments: import history, train on what was known then, serve the rest as it comes in,
/// learn what became of it, and reproduce every prediction from the log.
/// </summary>
internal sealed class PaymentsDemo(DemoRun run, PaymentsDemoOptions options)
{
    private const string ModelName = "fraud";
    private const double HistoryShare = 0.6;

    /// <returns>Whether every promise was kept: no leak, and every prediction reproduced.</returns>
    public async Task<bool> RunAsync()
    {
        IReadOnlyList<SimulatedEvent> arrivals = [.. PaymentsSimulator.Run(options.Seed, options.Events)];
        var cut = (int)(arrivals.Count * HistoryShare);
        IReadOnlyList<SimulatedEvent> history = [.. arrivals.Take(cut)], rest = [.. arrivals.Skip(cut)];

        await run.ApplyDefinitionsAsync("payments").ConfigureAwait(false);
        var imported = await new EventImport(run).AppendAsync(history).ConfigureAwait(false);
        SayHistory(history, imported);
        run.SayViews(await run.CaughtUpAsync(imported.Position).ConfigureAwait(false));

        var trained = await TrainAsync(history, imported.Position).ConfigureAwait(false);
        var live = await new LivePayments(run, ModelName, PaymentLabels.Sample(rest, options.Predictions)).RunAsync(rest, imported.Position).ConfigureAwait(false);
        SayLive(arrivals, live);
        run.SayViews(await run.CaughtUpAsync(live.Position).ConfigureAwait(false));
        var reproduced = await run.ReplayAllAsync(ModelName).ConfigureAwait(false);
        SayNext(live.FirstPredictionId);
        return reproduced && trained.TrainingSet.Leaks == 0;
    }

    private async Task<TrainModelResponse> TrainAsync(IReadOnlyList<SimulatedEvent> history, ulong position)
    {
        var spine = PaymentLabels.Spine(history);
        var request = new TrainModelRequest { Model = ModelName, Knowledge = Knowledge.Recorded, KnownAt = position, Actor = run.Invocation.Actor };
        request.Spine.AddRange(spine);
        var trained = await run.Api.TrainModelAsync(request, null, run.Invocation, run.LongCall).ConfigureAwait(false);

        var set = trained.TrainingSet;
        run.Transcript.Say("training", $"{set.Rows:N0} rows, {set.Leaks:N0} leaks", "every row folded again from the log",
            ("rows", set.Rows), ("leaks", set.Leaks), ("digest", set.Digest), ("fileDigest", set.FileDigest));
        await run.Api.Registry.PromoteModelAsync(
            new PromoteModelRequest { Model = ModelName, Version = trained.Version.Version, Reason = "demo: measured on held-out rows", Actor = run.Invocation.Actor },
            run.Call).ConfigureAwait(false);
        run.Transcript.Say("champion", $"{ModelName} v{trained.Version.Version}    ECE {Metric(trained, "ece"):0.000}",
            $"AUC {Metric(trained, "auc"):0.000} on held-out rows",
            ("model", ModelName), ("version", trained.Version.Version), ("digest", trained.Version.Digest), ("metrics", trained.Version.Metrics));
        return trained;
    }

    private void SayHistory(IReadOnlyList<SimulatedEvent> history, EventImport.Result imported)
    {
        var redelivered = Redelivered(history);
        run.Transcript.Say("log", $"{history.Count - redelivered:N0} events appended", $"{DemoRun.LogKind}; {redelivered:N0} redeliveries counted once{Refused(imported.Quarantined)}",
            ("events", history.Count - redelivered), ("redelivered", redelivered), ("quarantined", imported.Quarantined), ("position", imported.Position));
    }

    private void SayLive(IReadOnlyList<SimulatedEvent> arrivals, LivePayments.Result live)
    {
        var redelivered = Redelivered(arrivals);
        run.Transcript.Say("log", $"{arrivals.Count - redelivered:N0} events appended", $"by now, one by one; {redelivered:N0} redeliveries counted once{Refused(live.Quarantined)}",
            ("events", arrivals.Count - redelivered), ("redelivered", redelivered), ("quarantined", live.Quarantined), ("position", live.Position));
        run.Transcript.Say("served", $"{live.Predictions:N0} predictions",
            $"p50 {live.MedianMilliseconds:0.0} ms, p99 {live.P99Milliseconds:0.0} ms{(live.Fallbacks == 0 ? "" : $"; {live.Fallbacks:N0} by fallback")}",
            ("predictions", live.Predictions), ("fallbacks", live.Fallbacks), ("p50Milliseconds", live.MedianMilliseconds), ("p99Milliseconds", live.P99Milliseconds), ("seconds", live.Seconds));
        var measured = live.Measured;
        run.Transcript.Say("outcomes", $"{live.Chargebacks + live.Quiet:N0} recorded",
            $"{live.Chargebacks:N0} chargebacks; on {measured.Count:N0} mature: ECE {Text(measured.ExpectedCalibrationError)}, AUC {Text(measured.Auc)}",
            ("chargebacks", live.Chargebacks), ("quiet", live.Quiet), ("mature", measured.Count), ("metrics", measured.ToMetrics()));
    }

    private void SayNext(string predictionId)
    {
        var next = $"{Invocation.CommandName} lineage --prediction {predictionId} --home {Path.GetRelativePath(Environment.CurrentDirectory, run.Home)}";
        run.Transcript.Say("next", next, "", ("command", next));
    }

    private static int Redelivered(IReadOnlyList<SimulatedEvent> arrivals) => arrivals.Count - arrivals.DistinctBy(arrival => arrival.EventId).Count();

    private static string Refused(long quarantined) => quarantined == 0 ? "" : $", {quarantined:N0} in quarantine";

    private static double Metric(TrainModelResponse trained, string name) =>
        trained.Version.Metrics.TryGetValue(name, out var value) ? value : double.NaN;

    private static string Text(double? measure) => measure is { } value ? value.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture) : "unknown";
}
