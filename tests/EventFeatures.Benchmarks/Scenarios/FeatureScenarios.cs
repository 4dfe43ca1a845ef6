using System.Diagnostics;
using System.Globalization;
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
    private static readonly ViewReference ManyView = new("bench_many", 1);

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
        var projected = await ProjectAsync(system, View, scale, BenchDefinitions.Source, BenchDefinitions.View).ConfigureAwait(false);
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

    private static async IAsyncEnumerable<Measurement> ProjectionAsync(BenchSystem system, BenchScale scale, (double PerSecond, string Besides) projected)
    {
        yield return KernelScenario.Run(system.Services.GetRequiredService<IRegistry>().Current.Views[View], scale);
        var documents = await StoredDocuments.ReadAsync(system.PostgresConnection, View.ToString(), BenchEvents.Cards).ConfigureAwait(false);
        foreach (var batch in RawUpsert.BatchEvents)
        {
            var upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, card => documents[card], BenchEvents.Card, scale.Events, batch).ConfigureAwait(false);
            yield return Projected(BenchEvents.Cards, projected, UpsertName(batch), upsert);
        }
        yield return Projected(BenchEvents.Cards, projected, "Marten's daemon", await MartenDaemon.MeasureAsync(system.PostgresConnection, BenchEvents.Card, scale.Events).ConfigureAwait(false));
    }

    private static async IAsyncEnumerable<Measurement> ReadsAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await foreach (var measurement in OnlineReadScenario.RunAsync(system, echo, scale).ConfigureAwait(false)) yield return measurement;
        foreach (var form in new[] { AnswerForm.Features, AnswerForm.Columns })
            yield return await BatchReadScenario.RunAsync(system, echo, View.ToString(), form, scale).ConfigureAwait(false);
    }

    /// <summary>The same events as many entities.</summary>
    private static async IAsyncEnumerable<Measurement> ManyAsync(BenchSystem system, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.ManySource).ConfigureAwait(false);
        await BulkAppend.RunAsync(system, scale.Events, BenchEvents.AppendToMany).ConfigureAwait(false);
        var projected = await ProjectAsync(system, ManyView, scale, BenchDefinitions.ManySource, BenchDefinitions.ManyView).ConfigureAwait(false);
        // Of one event each, they are all as long.
        var document = (await StoredDocuments.ReadAsync(system.PostgresConnection, ManyView.ToString(), 1).ConfigureAwait(false)).Values.Single();
        foreach (var batch in RawUpsert.BatchEvents)
        {
            var upsert = await RawUpsert.MeasureAsync(system.PostgresConnection, _ => document, BenchEvents.CardOfMany, scale.Events, batch).ConfigureAwait(false);
            yield return Projected(BenchEvents.ManyCards, projected, UpsertName(batch), upsert);
        }
        yield return Projected(BenchEvents.ManyCards, projected, "Marten's daemon", await MartenDaemon.MeasureAsync(system.PostgresConnection, BenchEvents.CardOfMany, scale.Events).ConfigureAwait(false));
    }

    private static string UpsertName(int batch) => string.Create(CultureInfo.InvariantCulture, $"raw unnest upsert of {batch:N0} events");

    private static Measurement Projected(int entities, (double PerSecond, string Besides) projected, string limitName, double limit) =>
        new($"project a view of {entities:N0} entities from the log's start", "events", projected.PerSecond, limitName, limit, projected.Besides);

    /// <summary>
    /// Declares a view and waits until it has caught up, and then until all of it is committed: events a second until reads
    /// see them, and until they are in the database; and what it keeps in memory then.
    /// </summary>
    private static async Task<(double PerSecond, string Besides)> ProjectAsync(
        BenchSystem system, ViewReference view, BenchScale scale, params (string Name, string Text)[] definitions)
    {
        var head = (await system.Features.GetStatusAsync(new GetStatusRequest()).ConfigureAwait(false)).Head;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        await system.ApplyAsync(definitions).ConfigureAwait(false);
        await system.CaughtUpAsync(head, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        var visible = watch.Elapsed;
        // Rows are read from the database, so whoever asks for one waits until it is there.
        await system.Services.GetRequiredService<IBatchViews>().ReadEntityAsync(view, "1", new Position(head)).ConfigureAwait(false);
        var committed = watch.Elapsed;
        var kept = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        return (scale.Events / visible.TotalSeconds,
            string.Create(CultureInfo.InvariantCulture, $"{scale.Events / committed.TotalSeconds:N0} events/s until committed; {kept:N0} MiB kept in memory"));
    }
}
