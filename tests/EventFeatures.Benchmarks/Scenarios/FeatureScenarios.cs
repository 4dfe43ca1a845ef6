using System.Diagnostics;
using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>The feature engine, part by part, each beside its limit.</summary>
internal static class FeatureScenarios
{
    private static readonly ViewReference View = new("bench_activity", 1);

    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.Source).ConfigureAwait(false);
        await BulkAppend.RunAsync(system, scale.Events).ConfigureAwait(false);
        var head = (await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head;
        var watch = Stopwatch.StartNew();
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.View).ConfigureAwait(false);
        await system.CaughtUpAsync(head, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        var projected = scale.Events / watch.Elapsed.TotalSeconds;

        var view = system.Services.GetRequiredService<IRegistry>().Current.Views[View];
        var (kernel, states) = KernelScenario.Run(view, scale);
        yield return kernel;
        var documents = states.ToDictionary(state => state.Key, state => state.Value.ToBytes());
        var upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, documents, BenchEvents.Card, scale.Events).ConfigureAwait(false);
        yield return new Measurement($"project a view of {BenchEvents.Cards:N0} entities from the log's start", "events", projected, "raw unnest upsert", upsert);

        // While this view is the only one that is kept.
        await foreach (var measurement in FreshnessScenario.RunAsync(system, View, scale).ConfigureAwait(false)) yield return measurement;
        await foreach (var measurement in OnlineReadScenario.RunAsync(system, echo, scale).ConfigureAwait(false)) yield return measurement;
        yield return await BatchReadScenario.RunAsync(system, echo, View.ToString(), scale).ConfigureAwait(false);
    }
}
