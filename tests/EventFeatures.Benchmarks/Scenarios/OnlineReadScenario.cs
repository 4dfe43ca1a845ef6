using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>Online reads over gRPC of few and of many features, beside an echo whose message is as long as the answer.</summary>
internal static class OnlineReadScenario
{
    // So few that their vectors of many features are kept all.
    private const int CardsPrecomputed = 500;

    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.View, BenchDefinitions.ViewOf(10), BenchDefinitions.ViewOf(250), BenchDefinitions.ReadyOf(10), BenchDefinitions.ReadyOf(250)).ConfigureAwait(false);
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
                yield return await PrecomputedAsync(system, echo, features, callers, scale).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Measurement> PrecomputedAsync(BenchSystem system, GrpcEcho echo, int features, int callers, BenchScale scale)
    {
        for (var card = 0; card < CardsPrecomputed; card++) await ReadAsync(card).ConfigureAwait(false);
        var answer = await ReadAsync(0).ConfigureAwait(false);
        if (answer.Precomputed is null) throw new InvalidOperationException("The vector was not computed ahead.");
        var limit = await echo.MeasureAsync(callers, answer.CalculateSize(), scale.Duration).ConfigureAwait(false);
        var read = await Load.RunAsync(callers, scale.Duration, async (caller, number) => await ReadAsync(caller * 31 + number).ConfigureAwait(false)).ConfigureAwait(false);
        return new Measurement(
            $"precomputed read of {features} features, {callers} callers", "requests", read.PerSecond, "gRPC echo as long", limit.PerSecond, $"{read.Latency} (echo {limit.Latency})");

        async Task<GetFeaturesResponse> ReadAsync(long number) => await system.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Service = $"ready_{features}@v1", Entities = { ["benchcard"] = BenchEvents.Card(number % CardsPrecomputed) } }).ConfigureAwait(false);
    }

    private static GetFeaturesRequest Request(int features, long number, BenchScale scale) => new()
    {
        Views = { $"bench_{features}@v1" },
        Entities = { ["benchcard"] = BenchEvents.Card(number) },
        // Each asks for another instant, as callers do.
        AsOf = BenchEvents.Time(scale.Events + 60 + number % 1000),
    };
}
