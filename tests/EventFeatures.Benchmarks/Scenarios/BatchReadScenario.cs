using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>One call that reads a hundred entities, beside an echo whose message is as long as the answer.</summary>
internal static class BatchReadScenario
{
    private const int Entities = 100;

    public static async Task<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, string view, AnswerForm form, BenchScale scale)
    {
        var answer = await system.Features.GetFeatureBatchAsync(Request(view, 0, form, scale)).ConfigureAwait(false);
        var limit = await echo.MeasureAsync(1, answer.CalculateSize(), scale.Duration).ConfigureAwait(false);
        var read = await Load.RunAsync(1, scale.Duration, async (_, number) =>
            await system.Features.GetFeatureBatchAsync(Request(view, number, form, scale)).ConfigureAwait(false)).ConfigureAwait(false);
        return new Measurement(
            $"batch read of {Entities} entities, {answer.Names.Count} features{(form == AnswerForm.Columns ? " as columns" : "")}, 1 caller", "requests", read.PerSecond, "gRPC echo as long", limit.PerSecond, $"{read.Latency} (echo {limit.Latency})");
    }

    private static GetFeatureBatchRequest Request(string view, long number, AnswerForm form, BenchScale scale)
    {
        var request = new GetFeatureBatchRequest { Form = form, Views = { view }, AsOf = BenchEvents.Time(scale.Events + 60 + number % 1000) };
        for (var i = 0; i < Entities; i++) request.Rows.Add(new FeatureBatchRow { Entities = { ["benchcard"] = BenchEvents.Card(number + i) } });
        return request;
    }
}
