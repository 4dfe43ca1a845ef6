using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Testing.Databases;
using EventFeatures.Views.FeatureViews;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Hosts over one database, and what tests ask of them.</summary>
internal static class Projections
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    // Quick in what it does by itself; a read may wait as long as a busy machine needs.
    public static readonly ViewsOptions Quick = new()
    {
        CommitDelayMax = TimeSpan.FromMilliseconds(10), RetryDelayMax = TimeSpan.FromMilliseconds(200), FailuresMax = 2, ReadDeadline = TimeSpan.FromSeconds(30),
    };

    public static async Task<ProjectionHost> StartAsync(TestDatabase database, IEventLog log, ViewsOptions? options = null, params IReadOnlyList<CompiledView> views)
    {
        var host = Create(database, log, new FixedRegistry(views.Count > 0 ? views : [Payments.View()]), options);
        await host.StartAsync();
        return host;
    }

    /// <summary>A host that only serves, with no right to write anything, as on a replica.</summary>
    public static async Task<ProjectionHost> ServeAsync(NpgsqlDataSource readOnly, IEventLog log, ViewsOptions options)
    {
        var host = new ProjectionHost(
            log, new FixedRegistry([Payments.View()]), readOnly, options with { ServesOnly = true }, TimeProvider.System, NullLoggerFactory.Instance);
        await host.StartAsync();
        return host;
    }

    public static ProjectionHost Create(TestDatabase database, IEventLog log, IRegistry registry, ViewsOptions? options = null) =>
        new(log, registry, database.Source, options ?? Quick, TimeProvider.System, NullLoggerFactory.Instance);

    public static async Task<ProjectionHost> CaughtUpAsync(this ProjectionHost host, IEventLog log)
    {
        if (await log.ReadHeadAsync() is { } head) await host.Batch.CaughtUpAsync(head, Deadline);
        return host;
    }

    public static async Task<ViewReading> ReadAsync(this ProjectionHost host, string card, Instant asOf, Position? minPosition = null) =>
        await host.ReadAsync(Payments.CardActivity, card, asOf, minPosition);

    public static ViewStatus CardActivity(this ProjectionHost host) => host.Status().Single(status => status.View == Payments.CardActivity);

    /// <summary>Waits for a condition, and fails with what it saw last.</summary>
    public static async Task EventuallyAsync(Func<bool> condition, Func<string> saw)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Deadline) throw new TimeoutException($"Waited {Deadline.TotalSeconds} s in vain; saw last: {saw()}");
            await Task.Delay(5);
        }
    }
}
