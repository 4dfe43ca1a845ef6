using System.Diagnostics;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;
using Grpc.Core;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>Projecting, training, reading, predicting and replaying, in the order in which they build on each other.</summary>
internal static class ServingScenarios
{
    private const int VectorBytes = 400;

    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        var copy = await RawCopy.MeasureAsync(system.PostgresConnection, BenchEvents.Payload(1), scale.Events, run: 1).ConfigureAwait(false);
        yield return new Measurement("project a view from the log's start", "events", await ProjectAsync(system).ConfigureAwait(false), "raw COPY", copy);

        var parse = JsonParse.Measure(BenchEvents.Payload(1), scale.Duration / 2);
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.View, BenchDefinitions.Serving).ConfigureAwait(false);
        yield return new Measurement("training set and model, point in time", "rows", await TrainAsync(system, scale).ConfigureAwait(false), "parse of as many events", parse);

        // Many callers first: they warm what the single one is measured on.
        foreach (var callers in new[] { 32, 1 })
        {
            var limit = await echo.MeasureAsync(callers, VectorBytes, scale.Duration).ConfigureAwait(false);
            var read = await Load.RunAsync(callers, scale.Duration, async (caller, number) =>
                await system.Features.GetFeaturesAsync(ReadRequest(caller * 31 + number, scale)).ConfigureAwait(false)).ConfigureAwait(false);
            yield return new Measurement($"online read of 11 features, {callers} callers", "requests", read.PerSecond, "gRPC echo", limit.PerSecond, read.Latency);
            var predict = await Load.RunAsync(callers, scale.Duration, async (caller, number) =>
                await system.Inference.PredictAsync(PredictRequest(caller * 31 + number, scale)).ConfigureAwait(false)).ConfigureAwait(false);
            yield return new Measurement($"predict, recorded, {callers} callers", "requests", predict.PerSecond, "gRPC echo", limit.PerSecond, predict.Latency);
            yield return new Measurement($"predict, recorded, {callers} callers", "requests", predict.PerSecond, "raw ONNX call", OnnxCall.Measure(scale.Duration / 2));
        }
        yield return new Measurement("replay from the log", "predictions", await ReplayAsync(system).ConfigureAwait(false), "parse of one event each", parse);
    }

    private static async Task<double> ProjectAsync(BenchSystem system)
    {
        var head = (await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head;
        var watch = Stopwatch.StartNew();
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.View).ConfigureAwait(false);
        await system.CaughtUpAsync(head, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        var status = await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false);
        return status.Views.Sum(view => view.Events) / elapsed.TotalSeconds;
    }

    private static async Task<double> TrainAsync(BenchSystem system, BenchScale scale)
    {
        var request = new TrainModelRequest { Model = "bench_model", Actor = "bench", Knowledge = Knowledge.Latest };
        for (var row = 0; row < scale.TrainingRows; row++)
        {
            var number = (long)row * scale.Events / scale.TrainingRows;
            request.Spine.Add(new SpineRow { Time = BenchEvents.Time(number), Label = number % 13 == 0 ? 1 : 0, Entities = { ["benchcard"] = BenchEvents.Card(number) }, Context = { ["amount"] = new Value { Number = 5 + number % 97 } } });
        }
        var watch = Stopwatch.StartNew();
        var trained = await system.Registry.TrainModelAsync(request).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        await system.Registry.PromoteModelAsync(new PromoteModelRequest { Model = "bench_model", Version = trained.Version.Version, Actor = "bench", Reason = "benchmark" }).ConfigureAwait(false);
        return scale.TrainingRows / elapsed.TotalSeconds;
    }

    private static async Task<double> ReplayAsync(BenchSystem system)
    {
        using var call = system.Audit.Replay(new ReplayRequest());
        var watch = Stopwatch.StartNew();
        await foreach (var answer in call.ResponseStream.ReadAllAsync().ConfigureAwait(false))
        {
            if (answer.Summary is not { } summary) continue;
            if (summary.Reproduced != summary.Total)
                throw new InvalidOperationException($"Only {summary.Reproduced} of {summary.Total} predictions were reproduced; a rate would mean nothing.");
            return summary.Total / watch.Elapsed.TotalSeconds;
        }
        throw new InvalidOperationException("The replay ended without a summary.");
    }

    private static GetFeaturesRequest ReadRequest(long number, BenchScale scale) => new()
    {
        Service = "bench_fraud@v1",
        Entities = { ["benchcard"] = BenchEvents.Card(number) },
        Context = { ["amount"] = new Value { Number = 25 } },
        AsOf = BenchEvents.Time(scale.Events + 60),
    };

    private static PredictRequest PredictRequest(long number, BenchScale scale) => new()
    {
        Model = "bench_model",
        PredictionId = Guid.NewGuid().ToString(),
        Entities = { ["benchcard"] = BenchEvents.Card(number) },
        Context = { ["amount"] = new Value { Number = 5 + Math.Abs(number) % 97 } },
        AsOf = BenchEvents.Time(scale.Events + 60).ToString(CultureInfo.InvariantCulture),
    };
}
