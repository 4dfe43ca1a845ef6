using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Server.PostgresCluster;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

public sealed class OutageTests
{
    [Fact]
    public async Task A_view_serves_from_memory_while_the_database_is_away_and_commits_when_it_is_back()
    {
        var folder = Path.Combine(Path.GetTempPath(), "ef-outage-" + Guid.NewGuid().ToString("n"));
        var options = new PrivateClusterOptions { Folder = folder, SharedBuffersMegabytes = 16, ConnectionsMax = 30 };
        var cluster = await PrivateCluster.StartAsync(options);
        try
        {
            var log = new InMemoryLog();
            await using var source = NpgsqlDataSource.Create(cluster.ConnectionString);
            await using var host = new ProjectionHost(log, new FixedRegistry(Payments.View()), source, Projections.Quick, TimeProvider.System, NullLoggerFactory.Instance);
            await host.StartAsync();
            await AppendAsync(log, 0);
            await host.CaughtUpAsync(log);
            await host.Batch.DigestAsync(Payments.CardActivity);

            await cluster.DisposeAsync();
            var during = await AppendAsync(log, 1);
            await Projections.EventuallyAsync(() => host.CardActivity().Events == 2, () => host.CardActivity().ToString());
            await Projections.EventuallyAsync(() => host.CardActivity().State == "stopped", () => host.CardActivity().ToString());
            host.CardActivity().Fault!.ShouldContain("cannot commit up to position 2");
            var reading = await host.ReadAsync("1", Payments.Noon + Duration.Parse("1m"), during);
            (reading.KnownAt, reading.Values[0].Value).ShouldBe((during, Value.Of(2)));
            var refusal = await Should.ThrowAsync<ViewUnavailableException>(host.Batch.ReadEntityAsync(Payments.CardActivity, "1", during));
            refusal.Message.ShouldContain("has position 2 in memory alone");

            cluster = await PrivateCluster.StartAsync(options);
            await Projections.EventuallyAsync(() => host.CardActivity().State == "live", () => host.CardActivity().ToString());
            await host.Batch.DigestAsync(Payments.CardActivity);
            (await host.Batch.ReadEntityAsync(Payments.CardActivity, "1", during)).Count.ShouldBe(2);
        }
        finally
        {
            await cluster.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_view_says_that_the_log_is_away_and_goes_on_when_it_is_back()
    {
        await using var database = await TestDatabase.CreateAsync();
        var log = new InMemoryLog();
        await AppendAsync(log, 0);
        log.Fault = new LogUnavailableException("no node answers");
        await using var host = await Projections.StartAsync(database, log);
        await Projections.EventuallyAsync(() => host.CardActivity().State == "stopped", () => host.CardActivity().ToString());
        host.CardActivity().Fault!.ShouldContain("no node answers");
        var refusal = await Should.ThrowAsync<ViewUnavailableException>(host.ReadAsync("1", Payments.Noon, new Position(1)));
        refusal.Message.ShouldContain("is stopped before position 1");

        log.Fault = null;
        await Projections.EventuallyAsync(() => host.CardActivity().State == "live", () => host.CardActivity().ToString());
        (await host.ReadAsync("1", Payments.Noon, new Position(1))).Values[0].Value.ShouldBe(Value.Of(1));
    }

    [Fact]
    public async Task A_second_process_on_the_same_view_is_noticed_and_nothing_is_counted_twice()
    {
        await using var database = await TestDatabase.CreateAsync();
        var log = new InMemoryLog();
        await using var first = await (await Projections.StartAsync(database, log)).CaughtUpAsync(log);
        await using var second = await (await Projections.StartAsync(database, log)).CaughtUpAsync(log);
        for (var i = 0; i < 300; i++) await AppendAsync(log, i);
        await Projections.EventuallyAsync(() => Admitted(first) && Admitted(second), () => $"{first.CardActivity()} {second.CardActivity()}");
        await Projections.EventuallyAsync(
            () => (long)database.ScalarAsync("select count(*) from batch.card_activity_v1").GetAwaiter().GetResult()! == 300, () => "other counts");

        static bool Admitted(ProjectionHost host) => host.CardActivity() is { State: "live", Events: 300 };
    }

    private static async Task<Position> AppendAsync(InMemoryLog log, int seconds) =>
        (await log.AppendToStreamAsync("card-1", StreamState.Any, [Payments.Payment(1, Payments.Noon + new Duration(seconds * 1_000_000L))])).Position;
}
