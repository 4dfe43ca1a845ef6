using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Scavenging;

/// <summary>A scavenge beside everything else that happens to a log, and what becomes of it when it is cut short.</summary>
public sealed class ScavengeTests : NodeTestBase
{
    private EmbeddedNodeOptions Small => Options with { PartitionEvents = 1_000 };

    [Fact]
    public async Task It_frees_disk_and_leaves_every_position_and_revision_where_it_was()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 2_500);
        await FillAsync(log, "card-2", 500);
        await BoundAsync(log, "card-1", 10);
        var before = await DiskAsync();

        var summary = await node.ScavengeAsync([], cancellation: Late);

        (summary.EventsRemoved, summary.BytesRemoved, summary.PartsRewritten).ShouldBe((2_490, 2_490 * 300, 3));
        summary.DiskBytesFreed.ShouldBeGreaterThan(500_000);
        (before - await DiskAsync()).ShouldBe(summary.DiskBytesFreed);
        (await log.ReadStreamAsync("card-1", cancellation: Late).Select(each => (each.Revision, each.Position.Value)).ToListAsync(Late))
            .ShouldBe(Enumerable.Range(2_490, 10).Select(revision => ((long)revision, (ulong)revision + 1)));
        (await AllAsync(log)).Select(each => each.Position.Value).ShouldBe(Enumerable.Range(2_491, 511).Select(position => (ulong)position));
        (await log.AppendToStreamAsync("card-1", StreamState.StreamRevision(2_499), [Event()], Late)).Position.Value.ShouldBe(3_002ul);
        (await Database.ScalarAsync("SELECT count(*) FROM log.events")).ShouldBe(3_002L, "the place of a removed event stays taken");
    }

    [Fact]
    public async Task The_newest_event_of_the_log_stays_and_a_subscription_comes_to_rest_behind_removed_ones()
    {
        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            await FillAsync(log, "card-1", 20);
            await log.SetStreamMetadataAsync("card-1", StreamState.NoStream, new StreamMetadata { TruncateBefore = 40 }, Late);
            await FillAsync(log, "card-1", 20);
            (await node.ScavengeAsync([], cancellation: Late)).EventsRemoved.ShouldBe(39);
            (await AllAsync(log)).Select(each => each.Position.Value).ShouldBe([21ul, 41ul]);
        }
        // As a backup's prefix may end: with an event that was removed.
        await Database.ScalarAsync("DELETE FROM log.events WHERE position > 30");

        await using var cut = await EmbeddedNode.StartAsync(Small, Late);
        await using var client = EventStoreLog.Connect(cut.ConnectionString);
        List<ulong> seen = [];
        await foreach (var message in client.SubscribeToAll(FromAll.Start, cancellation: Late))
        {
            if (message is LogMessage.CaughtUp) await client.AppendToStreamAsync("card-2", StreamState.Any, [Event()], Late);
            if (message is LogMessage.Event { Recorded: var recorded }) seen.Add(recorded.Position.Value);
            if (seen is [.., 31ul]) break;
        }
        seen.ShouldBe([21ul, 31ul]);
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_while_appends_and_readers_go_on()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        using var stop = new CancellationTokenSource();
        await FillAsync(log, "gone-0", 1_500);
        await log.DeleteStreamAsync("gone-0", StreamState.Any, Late);
        var followed = FollowAsync(log, stop.Token);
        var appending = Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var appended = 0;
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                await log.AppendToStreamAsync($"kept-{number}", StreamState.Any, [Event(300), Event(300)], Late);
                await log.AppendToStreamAsync($"gone-{number + 1}-{round}", StreamState.NoStream, [Event(300)], Late);
                await log.DeleteStreamAsync($"gone-{number + 1}-{round}", StreamState.Any, Late);
                appended += 2;
            }
            return appended;
        })).ToList();

        long removed = 0;
        for (var round = 0; round < 5; round++) removed += (await node.ScavengeAsync([], cancellation: Late)).EventsRemoved;
        await stop.CancelAsync();
        var counts = await Task.WhenAll(appending);

        removed.ShouldBeGreaterThan(1_500);
        for (var number = 0; number < counts.Length; number++)
            (await log.ReadStreamAsync($"kept-{number}", cancellation: Late).Select(each => each.Revision).ToListAsync(Late))
                .ShouldBe(Enumerable.Range(0, counts[number]).Select(revision => (long)revision));
        (await Database.ScalarAsync("SELECT max(position) - count(*) FROM log.events")).ShouldBe(0L, "positions are dense");
        var seen = await followed;
        seen.ShouldBe([.. seen.Order()], "a follower is shown each event once and in order");
        seen.Distinct().Count().ShouldBe(seen.Count);
    }

    [Fact]
    public async Task What_metadata_shows_again_while_it_runs_stays()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 500);
        await FillAsync(log, "card-2", 500);
        await BoundAsync(log, "card-1", 1);
        await BoundAsync(log, "card-2", 1);
        var shown = false;
        var progress = new Hearing(told =>
        {
            if (told.Stage != "rewritten" || shown) return;
            shown = true;
            log.SetStreamMetadataAsync("card-1", StreamState.StreamRevision(0), StreamMetadata.None, Late).GetAwaiter().GetResult();
        });

        await node.ScavengeAsync([], progress, Late);

        shown.ShouldBeTrue();
        (await log.ReadStreamAsync("card-1", cancellation: Late).CountAsync(Late)).ShouldBe(500);
        (await AllAsync(log)).Count(each => each.StreamId == "card-2").ShouldBe(1);
    }

    [Fact]
    public async Task Cut_short_anywhere_it_leaves_a_whole_log_and_the_next_run_does_the_rest()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 3_500);
        await FillAsync(log, "card-2", 100);
        await BoundAsync(log, "card-1", 5);
        var kept = await log.ReadStreamAsync("card-1", cancellation: Late).Select(each => each.Position).ToListAsync(Late);

        var (kills, unfinished) = (0, false);
        for (var ended = false; !ended; kills++)
        {
            var left = kills + 1;
            // As a kill of the process does, this leaves behind whatever was not committed.
            var killing = new Hearing(_ =>
            {
                if (--left == 0) KillScavenge();
            });
            ended = await Record.ExceptionAsync(() => node.ScavengeAsync([], killing, Late)) is null;
            unfinished |= await Database.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname LIKE 'scavenged%'") is > 0L;
            (await log.ReadStreamAsync("card-1", cancellation: Late).Select(each => each.Position).ToListAsync(Late)).ShouldBe(kept);
            (await log.ReadStreamAsync("card-2", cancellation: Late).CountAsync(Late)).ShouldBe(100);
            (await Database.ScalarAsync("SELECT count(*) FROM log.events")).ShouldBe(3_601L);
        }
        kills.ShouldBeGreaterThan(3);
        unfinished.ShouldBeTrue("some were killed at work");

        await node.ScavengeAsync([], cancellation: Late);
        (await AllAsync(log)).Count(each => each.StreamId == "card-1").ShouldBe(5);
        (await log.ReadStreamAsync("card-1", cancellation: Late).Select(each => each.Position).ToListAsync(Late)).ShouldBe(kept);
        (await Database.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname LIKE 'scavenge%'")).ShouldBe(0L);
    }

    [Fact]
    public async Task It_waits_for_whoever_reads_all_of_the_log_and_a_backup_that_begins_meanwhile_is_whole()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 300);
        await BoundAsync(log, "card-1", 1);
        await using var reading = await Database.Source.OpenConnectionAsync(Late);
        var snapshot = await reading.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Late);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM log.events WHERE data IS NOT NULL", reading);
        (await count.ExecuteScalarAsync(Late)).ShouldBe(301L);

        var scavenge = node.ScavengeAsync([], cancellation: Late);
        while (await Database.ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'eventfeatures-log-scavenge' AND wait_event_type = 'Lock'") is not (long and > 0)) await Task.Delay(10, Late);
        (await count.ExecuteScalarAsync(Late)).ShouldBe(301L);
        scavenge.IsCompleted.ShouldBeFalse();
        await snapshot.CommitAsync(Late);

        (await scavenge).EventsRemoved.ShouldBe(299);
    }

    [Fact]
    public async Task It_waits_for_nobody_who_is_at_work_on_another_part()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 2_500);
        await log.SetStreamMetadataAsync("card-1", StreamState.NoStream, new StreamMetadata { TruncateBefore = 500 }, Late);
        await using var vacuuming = await Database.Source.OpenConnectionAsync(Late);
        await using var transaction = await vacuuming.BeginTransactionAsync(Late);
        // As a vacuum's, which goes from part to part.
        await using (var hold = new NpgsqlCommand("LOCK TABLE log.events_1000 IN SHARE UPDATE EXCLUSIVE MODE", vacuuming)) await hold.ExecuteNonQueryAsync(Late);

        var summary = await node.ScavengeAsync([], cancellation: Late);

        (summary.EventsRemoved, summary.PartsRewritten).ShouldBe((500, 1));
        summary.PartsLeft.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_copied_for_an_exchange_that_had_to_be_given_up_is_copied_for_the_next()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await using var looking = await Database.Source.OpenConnectionAsync(Late);

        // A look that comes too late finds the exchange done, and waits for that of another scavenge.
        var (scavenge, look) = (Task.FromResult<ScavengeSummary>(null!), (NpgsqlTransaction?)null);
        for (var attempt = 1; look is null; attempt++)
        {
            await scavenge;
            await FillAsync(log, $"kept-{attempt}", 300);
            await BoundAsync(log, $"kept-{attempt}", 1);
            scavenge = node.ScavengeAsync([], cancellation: Late);
            look = await LookAtCopyAsync(looking);
        }
        var (appended, looks) = (0, true);
        for (var begun = TimeProvider.System.GetTimestamp(); !scavenge.IsCompleted; appended++)
        {
            await log.AppendToStreamAsync("card-1", StreamState.Any, [Event(300)], Late);
            if (!looks || TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(6)) continue;
            await look.CommitAsync(Late);
            looks = false;
        }

        (await scavenge).EventsRemoved.ShouldBe(299);
        (await log.ReadStreamAsync("card-1", cancellation: Late).CountAsync(Late)).ShouldBe(appended);
        (await Database.ScalarAsync("SELECT max(position) - count(*) FROM log.events")).ShouldBe(0L, "positions are dense");
    }

    // Once its indexes are there, only the exchange waits for whoever looks at the copy. Null where the copy was gone by then.
    private async Task<NpgsqlTransaction?> LookAtCopyAsync(NpgsqlConnection looking)
    {
        while (await Database.ScalarAsync("SELECT to_regclass('log.scavenged_0_closed') IS NOT NULL") is false) await Task.Delay(1, Late);
        var look = await looking.BeginTransactionAsync(Late);
        try
        {
            await using var copy = new NpgsqlCommand("SELECT count(*) FROM log.scavenged_0", looking);
            await copy.ExecuteScalarAsync(Late);
            return look;
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            await look.DisposeAsync();
            return null;
        }
    }

    [Fact]
    public async Task Streams_that_are_to_be_kept_keep_everything()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        foreach (var stream in new[] { "prediction-1", "prediction-2", "card-1" }) await FillAsync(log, stream, 10);
        await BoundAsync(log, "prediction-1", 1);
        await BoundAsync(log, "card-1", 1);
        await log.TombstoneStreamAsync("prediction-2", StreamState.Any, Late);

        var summary = await node.ScavengeAsync(["prediction-"], cancellation: Late);

        (summary.EventsRemoved, summary.StreamsKept).ShouldBe((9, 2));
        (await AllAsync(log)).Count(each => each.StreamId.StartsWith("prediction-", StringComparison.Ordinal)).ShouldBe(21);
    }

    [Fact]
    public async Task Only_one_runs_at_a_time()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 10);
        await BoundAsync(log, "card-1", 1);
        Task? second = null;

        await node.ScavengeAsync([], new Hearing(_ => second ??= node.ScavengeAsync([], cancellation: Late)), Late);

        (await Should.ThrowAsync<ScavengeRefusedException>(() => second!)).Message.ShouldContain("under way");
    }

    [Fact]
    public async Task An_age_that_reaches_back_before_all_time_hides_nothing_and_stops_no_scavenge()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, "card-1", 20);
        await FillAsync(log, "card-2", 20);
        await log.SetStreamMetadataAsync("card-1", StreamState.NoStream, new StreamMetadata { MaxAge = TimeSpan.FromSeconds(922_337_203_685) }, Late);
        await BoundAsync(log, "card-2", 10);

        (await node.ScavengeAsync([], cancellation: Late)).EventsRemoved.ShouldBe(10);

        (await log.ReadStreamAsync("card-1", cancellation: Late).CountAsync(Late)).ShouldBe(20);
    }

    private static async Task<List<ulong>> FollowAsync(EventStoreLog log, CancellationToken stop)
    {
        List<ulong> seen = [];
        try
        {
            await foreach (var message in log.SubscribeToAll(FromAll.Start, cancellation: stop))
                if (message is LogMessage.Event { Recorded: var recorded }) seen.Add(recorded.Position.Value);
        }
        catch (OperationCanceledException)
        {
            // It follows until it is told to stop.
        }
        return seen;
    }

    private async Task FillAsync(EventStoreLog log, string stream, int events)
    {
        for (var done = 0; done < events; done += 100)
            await log.AppendToStreamAsync(stream, StreamState.Any, [.. Enumerable.Range(0, Math.Min(100, events - done)).Select(_ => Event(300))], Late);
    }

    private Task BoundAsync(EventStoreLog log, string stream, int count) =>
        log.SetStreamMetadataAsync(stream, StreamState.Any, new StreamMetadata { MaxCount = count }, Late);

    private async Task<long> DiskAsync() =>
        (long)(await Database.ScalarAsync("SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'log.events'::regclass"))!;

    private void KillScavenge() =>
        Database.ScalarAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'eventfeatures-log-scavenge' AND datname = current_database()").GetAwaiter().GetResult();

    private sealed class Hearing(Action<ScavengeProgress> hear) : IProgress<ScavengeProgress>
    {
        public void Report(ScavengeProgress value) => hear(value);
    }
}
