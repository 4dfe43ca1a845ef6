using System.Diagnostics;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Demos.Electricity;

namespace EventFeatures.Cli.Demos;

/// <summary>
/// The Elec2 stream, period by period: the price's direction is predicted when a half-hour starts, before anything
/// of it is known; then its event is appended, and its label is the outcome. Printed beside "as the half-hour before".
/// </summary>
internal sealed class ElectricityDemo(DemoRun run, IReadOnlyList<ElectricityPeriod> periods)
{
    private const string ModelName = "direction";

    // Four weeks to learn from at first; every four weeks a new model, of the last sixteen.
    private const int WarmUp = 28 * 48;
    private const int RetrainEvery = 28 * 48;
    private const int TrainOn = 112 * 48;

    // A period's features reach back a day.
    private const int HistoryMin = 49;

    private ulong _token;
    private long _leaks;
    private int _version;

    /// <summary>Reads the whole stream.</summary>
    /// <exception cref="UsageException">The file cannot be used, or is too short to learn from.</exception>
    public static IReadOnlyList<ElectricityPeriod> Read(string path)
    {
        var periods = ElectricityStream.Read(path).ToList();
        return periods.Count > WarmUp
            ? periods
            : throw new UsageException($"{path} has {periods.Count:N0} periods, but the first {WarmUp:N0} are needed to learn from. Give the whole Elec2 file.");
    }

    /// <returns>Whether every promise was kept: no leak, and every prediction reproduced.</returns>
    public async Task<bool> RunAsync()
    {
        await run.ApplyDefinitionsAsync("electricity").ConfigureAwait(false);
        var imported = await new EventImport(run).AppendAsync([.. periods.Take(WarmUp).Select(period => period.ToEvent())]).ConfigureAwait(false);
        _token = imported.Position;
        await run.CaughtUpAsync(_token).ConfigureAwait(false);
        await RetrainAsync(WarmUp, say: true).ConfigureAwait(false);

        var right = await LiveAsync().ConfigureAwait(false);
        var status = await run.CaughtUpAsync(_token).ConfigureAwait(false);
        run.Transcript.Say("log", $"{periods.Count:N0} periods appended", DemoRun.LogKind, ("events", periods.Count), ("position", _token));
        run.SayViews(status);
        SayAccuracy(right);
        return await run.ReplayAllAsync(ModelName).ConfigureAwait(false) && _leaks == 0;
    }

    private async Task<int> LiveAsync()
    {
        using var progress = run.Invocation.Progress("serve");
        var outcomes = new OutcomeQueue(run);
        var watch = Stopwatch.StartNew();
        var right = 0;
        var fallbacks = 0;
        for (var index = WarmUp; index < periods.Count; index++)
        {
            if (index > WarmUp && (index - WarmUp) % RetrainEvery == 0) await RetrainAsync(index, say: false).ConfigureAwait(false);
            var period = periods[index];
            var prediction = await run.Api.Inference.PredictAsync(Question(period), run.Call).ConfigureAwait(false);
            if (prediction.Decision == (period.IsUp ? "up" : "down")) right++;
            if (prediction.Route == "fallback") fallbacks++;

            // Only now may anything of the period itself be known.
            var appended = await run.Api.Events.AppendAsync(EventImport.Request(period.ToEvent()), run.Call).ConfigureAwait(false);
            _token = appended.Position;
            await outcomes.AddAsync(
                new RecordOutcomeRequest { PredictionId = prediction.PredictionId, Label = period.IsUp ? 1 : 0, OccurredAt = period.SettledAt.ToString(), Source = "settlement" },
                run.Cancellation).ConfigureAwait(false);
            var done = index + 1 - WarmUp;
            progress.Report(done, periods.Count - WarmUp, string.Create(CultureInfo.InvariantCulture, $"{100.0 * right / done:0.0} % right"));
        }
        var recorded = await outcomes.CompleteAsync().ConfigureAwait(false);
        progress.Dispose();
        var predictions = periods.Count - WarmUp;
        run.Transcript.Say("champion", $"{ModelName} v1 to v{_version}", "trained anew every 28 days on the last 112",
            ("model", ModelName), ("versions", _version));
        run.Transcript.Say("served", $"{predictions:N0} predictions",
            string.Create(CultureInfo.InvariantCulture, $"{predictions / watch.Elapsed.TotalSeconds:N0} a second, one after another{(fallbacks == 0 ? "" : $"; {fallbacks:N0} by fallback")}"),
            ("predictions", predictions), ("fallbacks", fallbacks), ("seconds", watch.Elapsed.TotalSeconds));
        run.Transcript.Say("outcomes", $"{recorded:N0} recorded", "", ("outcomes", recorded));
        return right;
    }

    private async Task RetrainAsync(int before, bool say)
    {
        var request = new TrainModelRequest { Model = ModelName, Knowledge = Knowledge.Recorded, KnownAt = _token, Actor = run.Invocation.Actor };
        for (var index = Math.Max(HistoryMin, before - TrainOn); index < before; index++)
        {
            var row = new SpineRow { Entities = { ["market"] = Market }, Time = periods[index].OccurredAt.ToString(), Label = periods[index].IsUp ? 1 : 0 };
            row.Context.Add("period", new Value { Number = periods[index].Period });
            request.Spine.Add(row);
        }
        var trained = await run.Api.Registry.TrainModelAsync(request, run.LongCall).ConfigureAwait(false);
        _version = trained.Version.Version;
        _leaks += trained.TrainingSet.Leaks;
        await run.Api.Registry.PromoteModelAsync(
            new PromoteModelRequest { Model = ModelName, Version = _version, Reason = "demo: the newest weeks", Actor = run.Invocation.Actor }, run.Call).ConfigureAwait(false);
        if (say)
            run.Transcript.Say("training", $"{trained.TrainingSet.Rows:N0} rows, {trained.TrainingSet.Leaks:N0} leaks", "every row folded again from the log",
                ("rows", trained.TrainingSet.Rows), ("leaks", trained.TrainingSet.Leaks), ("digest", trained.TrainingSet.Digest));
    }

    private PredictRequest Question(ElectricityPeriod period)
    {
        var request = new PredictRequest
        {
            Model = ModelName,
            PredictionId = string.Create(CultureInfo.InvariantCulture, $"{ModelName}-{period.Index:00000}"),
            Entities = { ["market"] = Market },
            AsOf = period.OccurredAt.ToString(),
            MinPosition = _token,
        };
        request.Context.Add("period", new Value { Number = period.Period });
        return request;
    }

    private void SayAccuracy(int right)
    {
        var predictions = periods.Count - WarmUp;
        var model = (double)right / predictions;
        // From the last label of the warm-up on, so that both are judged on the very same periods.
        var baseline = ElectricityStream.NoChangeAccuracy([.. periods.Skip(WarmUp - 1).Select(period => period.IsUp)])!.Value;
        var whole = ElectricityStream.NoChangeAccuracy([.. periods.Select(period => period.IsUp)])!.Value;
        run.Transcript.Say("accuracy", string.Create(CultureInfo.InvariantCulture, $"{model:P2} right"),
            string.Create(CultureInfo.InvariantCulture, $"no change, delay 1: {baseline:P2} of the same {predictions:N0}, {whole:P2} of the file"),
            ("accuracy", model), ("noChange", baseline), ("noChangeWholeFile", whole), ("predictions", predictions));
    }

    private static string Market => ElectricityPeriod.Stream["market-".Length..];
}
