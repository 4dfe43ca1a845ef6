using System.Diagnostics;
using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
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
        await BulkAppend.RunAsync(system, scale.Events, BenchEvents.Append).ConfigureAwait(false);
        var filled = new Position((await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head);
        var projected = await ProjectAsync(system, scale, BenchDefinitions.Source, BenchDefinitions.View).ConfigureAwait(false);

        var view = system.Services.GetRequiredService<IRegistry>().Current.Views[View];
        var (kernel, states) = KernelScenario.Run(view, scale);
        yield return kernel;
        var documents = states.ToDictionary(state => state.Key, state => state.Value.ToBytes());
        var upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, card => documents[card], BenchEvents.Card, scale.Events).ConfigureAwait(false);
        yield return Projected(BenchEvents.Cards, projected, "raw unnest upsert", upsert);
        yield return Projected(BenchEvents.Cards, projected, "Marten's daemon", await MartenDaemon.MeasureAsync(system.PostgresConnection, BenchEvents.Card, scale.Events).ConfigureAwait(false));

        // While this view is the only one that is kept.
        await foreach (var measurement in FreshnessScenario.RunAsync(system, View, scale).ConfigureAwait(false)) yield return measurement;
        await foreach (var measurement in OnlineReadScenario.RunAsync(system, echo, scale).ConfigureAwait(false)) yield return measurement;
        yield return await BatchReadScenario.RunAsync(system, echo, View.ToString(), scale).ConfigureAwait(false);
        await foreach (var measurement in TrainingScenario.RunAsync(system, filled, scale).ConfigureAwait(false)) yield return measurement;

        await system.ApplyAsync(BenchDefinitions.ManySource).ConfigureAwait(false);
        await BulkAppend.RunAsync(system, scale.Events, BenchEvents.AppendToMany).ConfigureAwait(false);
        projected = await ProjectAsync(system, scale, BenchDefinitions.ManySource, BenchDefinitions.ManyView).ConfigureAwait(false);
        var row = KernelScenario.RowOf(view, 1);
        var document = view.NewState(row.EntityKey);
        document.Offer(row);
        var bytes = document.ToBytes();
        upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, _ => bytes, BenchEvents.CardOfMany, scale.Events).ConfigureAwait(false);
        yield return Projected(BenchEvents.ManyCards, projected, "raw unnest upsert", upsert);
        yield return Projected(BenchEvents.ManyCards, projected, "Marten's daemon", await MartenDaemon.MeasureAsync(system.PostgresConnection, BenchEvents.CardOfMany, scale.Events).ConfigureAwait(false));
    }

    private static Measurement Projected(int entities, (double PerSecond, string Memory) projected, string limitName, double limit) =>
        new($"project a view of {entities:N0} entities from the log's start", "events", projected.PerSecond, limitName, limit, projected.Memory);

    /// <summary>Declares a view and waits until it has caught up: events a second, and what it keeps in memory then.</summary>
    private static async Task<(double PerSecond, string Memory)> ProjectAsync(BenchSystem system, BenchScale scale, params (string Name, string Text)[] definitions)
    {
        var head = (await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        await system.ApplyAsync(definitions).ConfigureAwait(false);
        await system.CaughtUpAsync(head, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        var kept = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        return (scale.Events / elapsed.TotalSeconds, $"{kept:N0} MiB kept in memory");
    }
}
