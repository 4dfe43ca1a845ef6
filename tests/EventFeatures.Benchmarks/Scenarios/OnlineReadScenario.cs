using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>Online reads over gRPC of few and of many features, beside an echo whose message is as long as the answer.</summary>
internal static class OnlineReadScenario
{
    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.View, BenchDefinitions.ViewOf(10), BenchDefinitions.ViewOf(250)).ConfigureAwait(false);
        var head = (await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head;
        await system.CaughtUpAsync(head, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        foreach (var features in new[] { 10, 250 })
        {
            var answer = await system.Features.GetFeaturesAsync(Request(features, 1, scale)).ConfigureAwait(false);
            foreach (var callers in new[] { 32, 1 })
            {
                var limit = await echo.MeasureAsync(callers, answer.CalculateSize(), scale.Duration).ConfigureAwait(false);
                var read = await Load.RunAsync(callers, scale.Duration, async (caller, number) =>
                    await system.Features.GetFeaturesAsync(Request(features, caller * 31 + number, scale)).ConfigureAwait(false)).ConfigureAwait(false);
                yield return new Measurement(
                    $"online read of {features} features, {callers} callers", "requests", read.PerSecond, "gRPC echo as long", limit.PerSecond, $"{read.Latency} (echo {limit.Latency})");
            }
        }
    }

    private static GetFeaturesRequest Request(int features, long number, BenchScale scale) => new()
    {
        Views = { $"bench_{features}@v1" },
        Entities = { ["benchcard"] = BenchEvents.Card(number) },
        // Each asks for another instant, as callers do.
        AsOf = BenchEvents.Time(scale.Events + 60 + number % 1000),
    };
}
