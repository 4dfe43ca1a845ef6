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

    /// <summary>What can be measured by itself, in the order in which all of it is.</summary>
    public static readonly string[] Parts = ["projection", "freshness", "reads", "joins", "many"];

    /// <param name="system">The system.</param>
    /// <param name="echo">The limit of what is asked over gRPC.</param>
    /// <param name="scale">How much is measured.</param>
    /// <param name="only">The one of <see cref="Parts"/> that is measured; null for all.</param>
    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale, string? only)
    {
        await system.ApplyAsync(BenchDefinitions.Source).ConfigureAwait(false);
        await BulkAppend.RunAsync(system, scale.Events, BenchEvents.Append).ConfigureAwait(false);
        var filled = new Position((await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head);
        var projected = await ProjectAsync(system, scale, BenchDefinitions.Source, BenchDefinitions.View).ConfigureAwait(false);
        foreach (var part in only is null ? Parts : [only])
        {
            var measured = part switch
            {
                "projection" => ProjectionAsync(system, scale, projected),
                // While this view is the only one that is kept.
                "freshness" => FreshnessScenario.RunAsync(system, View, scale),
                "reads" => ReadsAsync(system, echo, scale),
                "joins" => TrainingScenario.RunAsync(system, filled, scale),
                _ => ManyAsync(system, scale),
            };
            await foreach (var measurement in measured.ConfigureAwait(false)) yield return measurement;
        }
    }

    private static async IAsyncEnumerable<Measurement> ProjectionAsync(BenchSystem system, BenchScale scale, (double PerSecond, string Memory) projected)
    {
        var (kernel, states) = KernelScenario.Run(system.Services.GetRequiredService<IRegistry>().Current.Views[View], scale);
        yield return kernel;
        var documents = states.ToDictionary(state => state.Key, state => state.Value.ToBytes());
        var upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, card => documents[card], BenchEvents.Card, scale.Events).ConfigureAwait(false);
        yield return Projected(BenchEvents.Cards, projected, "raw unnest upsert", upsert);
        yield return Projected(BenchEvents.Cards, projected, "Marten's daemon", await MartenDaemon.MeasureAsync(system.PostgresConnection, BenchEvents.Card, scale.Events).ConfigureAwait(false));
    }

    private static async IAsyncEnumerable<Measurement> ReadsAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await foreach (var measurement in OnlineReadScenario.RunAsync(system, echo, scale).ConfigureAwait(false)) yield return measurement;
        yield return await BatchReadScenario.RunAsync(system, echo, View.ToString(), scale).ConfigureAwait(false);
    }

    /// <summary>The same events as many entities.</summary>
    private static async IAsyncEnumerable<Measurement> ManyAsync(BenchSystem system, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.ManySource).ConfigureAwait(false);
        await BulkAppend.RunAsync(system, scale.Events, BenchEvents.AppendToMany).ConfigureAwait(false);
        var projected = await ProjectAsync(system, scale, BenchDefinitions.ManySource, BenchDefinitions.ManyView).ConfigureAwait(false);
        var view = system.Services.GetRequiredService<IRegistry>().Current.Views[View];
        var row = KernelScenario.RowOf(view, 1);
        var document = view.NewState(row.EntityKey);
        document.Offer(row);
        var bytes = document.ToBytes();
        var upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, _ => bytes, BenchEvents.CardOfMany, scale.Events).ConfigureAwait(false);
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
