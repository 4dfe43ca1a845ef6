using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>Online reads over gRPC of few and of many features, beside an echo whose message is as long as the answer, and an answer of the same bytes that lies ready.</summary>
internal static class OnlineReadScenario
{
    // So few that their vectors of many features are kept all.
    private const int CardsPrecomputed = 500;

    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.View, BenchDefinitions.ViewOf(10), BenchDefinitions.ViewOf(250), BenchDefinitions.ReadyOf(10), BenchDefinitions.ReadyOf(250)).ConfigureAwait(false);
        var head = (await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head;
        await system.CaughtUpAsync(head, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        foreach (var (features, form) in new[] { (10, AnswerForm.Features), (250, AnswerForm.Features), (250, AnswerForm.Columns) })
        {
            var answer = await system.Features.GetFeaturesAsync(Request(features, 1, scale, form, "")).ConfigureAwait(false);
            var names = answer.Columns?.NamesDigest ?? "";
            if (form == AnswerForm.Columns) answer = await system.Features.GetFeaturesAsync(Request(features, 1, scale, form, names)).ConfigureAwait(false);
            var what = form == AnswerForm.Columns ? $"{features} features as columns" : $"{features} features";
            foreach (var callers in new[] { 32, 1 })
            {
                var limit = await echo.MeasureAsync(callers, answer.CalculateSize(), scale.Duration).ConfigureAwait(false);
                var ready = await echo.MeasureReadyMadeAsync(callers, Request(features, 1, scale, form, names), answer, scale.Duration).ConfigureAwait(false);
                yield return new Measurement(
                    $"ready-made answer of {what}, {callers} callers", "requests", ready.PerSecond, "gRPC echo as long", limit.PerSecond, $"{ready.Latency} (echo {limit.Latency})");
                var read = await Load.RunAsync(callers, scale.Duration, async (caller, number) =>
                    await system.Features.GetFeaturesAsync(Request(features, caller * 31 + number, scale, form, names)).ConfigureAwait(false)).ConfigureAwait(false);
                yield return new Measurement(
                    $"online read of {what}, {callers} callers", "requests", read.PerSecond, "gRPC echo as long", limit.PerSecond, $"{read.Latency} (echo {limit.Latency})");
                yield return await PrecomputedAsync(system, echo, (features, form, what), callers, scale).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Measurement> PrecomputedAsync(BenchSystem system, GrpcEcho echo, (int Features, AnswerForm Form, string What) read, int callers, BenchScale scale)
    {
        var names = "";
        for (var card = 0; card < CardsPrecomputed; card++) names = (await ReadAsync(card).ConfigureAwait(false)).Columns?.NamesDigest ?? "";
        var answer = await ReadAsync(0).ConfigureAwait(false);
        if (answer.Precomputed is null) throw new InvalidOperationException("The vector was not computed ahead.");
        var limit = await echo.MeasureAsync(callers, answer.CalculateSize(), scale.Duration).ConfigureAwait(false);
        var served = await Load.RunAsync(callers, scale.Duration, async (caller, number) => await ReadAsync(caller * 31 + number).ConfigureAwait(false)).ConfigureAwait(false);
        return new Measurement(
            $"precomputed read of {read.What}, {callers} callers", "requests", served.PerSecond, "gRPC echo as long", limit.PerSecond, $"{served.Latency} (echo {limit.Latency})");

        async Task<GetFeaturesResponse> ReadAsync(long number) => await system.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Service = $"ready_{read.Features}@v1", Form = read.Form, NamesDigest = names, Entities = { ["benchcard"] = BenchEvents.Card(number % CardsPrecomputed) } }).ConfigureAwait(false);
    }

    private static GetFeaturesRequest Request(int features, long number, BenchScale scale, AnswerForm form, string names) => new()
    {
        Form = form,
        NamesDigest = names,
        Views = { $"bench_{features}@v1" },
        Entities = { ["benchcard"] = BenchEvents.Card(number) },
        // Each asks for another instant, as callers do.
        AsOf = BenchEvents.Time(scale.Events + 60 + number % 1000),
    };
}
