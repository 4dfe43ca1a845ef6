using System.Collections.Concurrent;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

public sealed class StorageFaultTests : NodeTestBase
{
    private const int Seed = 20260131;

    [Fact]
    public async Task Revisions_at_the_end_of_all_numbers_are_answered_and_hold_up_nobody()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await log.AppendToStreamAsync("closed", StreamState.NoStream, [Event(), Event()], Late);
        await log.TombstoneStreamAsync("closed", StreamState.Any, Late);
        await log.AppendToStreamAsync("cut", StreamState.NoStream, [Event(), Event()], Late);
        await log.SetStreamMetadataAsync("cut", StreamState.Any, new StreamMetadata { TruncateBefore = long.MaxValue - 1 }, Late);

        await Should.ThrowAsync<StreamDeletedException>(() => log.AppendToStreamAsync("closed", StreamState.StreamRevision(long.MaxValue - 1), [Event(), Event()], Late));
        await Should.ThrowAsync<WrongExpectedVersionException>(() => log.AppendToStreamAsync("cut", StreamState.NoStream, [Event(), Event(), Event()], Late));
        (await log.AppendToStreamAsync("another", StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(0);
    }

    [Fact]
    public async Task A_node_stops_and_answers_although_a_commit_waits_for_storage()
    {
        var node = await EmbeddedNode.StartAsync(Options with { AppendDeadline = TimeSpan.FromSeconds(2) }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await EventuallyAppendsAsync(log, Event());
        await using var holding = await Database.Source.OpenConnectionAsync(Late);
        await using var held = await holding.BeginTransactionAsync(Late);
        await using (var hold = new NpgsqlCommand("LOCK TABLE log.events IN EXCLUSIVE MODE", holding)) await hold.ExecuteNonQueryAsync(Late);
        var appending = log.AppendToStreamAsync("card-1", StreamState.StreamRevision(0), [Event()], Late);
        await UntilAsync(async () => await Database.ScalarAsync("select count(*) from pg_stat_activity where application_name like 'eventfeatures-log-writer%' and wait_event_type = 'Lock' and datname = current_database()") is > 0L);

        await node.DisposeAsync();

        await Should.ThrowAsync<LogUnavailableException>(appending);
        await held.RollbackAsync(Late);
        await UntilAsync(async () => await Database.ScalarAsync("select count(*) from pg_stat_activity where application_name like 'eventfeatures-log-%' and datname = current_database()") is 0L);
    }

    [Fact]
    public async Task Readers_that_hold_all_of_their_connections_do_not_hold_up_appends()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);
        await using var holding = await Database.Source.OpenConnectionAsync(Late);
        await using var held = await holding.BeginTransactionAsync(Late);
        await using (var hold = new NpgsqlCommand("LOCK TABLE log.links", holding)) await hold.ExecuteNonQueryAsync(Late);
        var reads = Enumerable.Range(0, 40).Select(number => log.ReadStreamAsync($"$et-Type{number}", cancellation: Late).CountAsync(Late).AsTask()).ToList();
        await UntilAsync(async () => await Database.ScalarAsync("select count(*) from pg_stat_activity where application_name = 'eventfeatures-log-reader' and wait_event_type = 'Lock' and datname = current_database()") is >= 16L);

        await log.AppendToStreamAsync("card-2", StreamState.NoStream, [Event()], Late);

        reads.ShouldAllBe(read => !read.IsCompleted, "they wait still");
        await held.RollbackAsync(Late);
        await Record.ExceptionAsync(() => Task.WhenAll(reads));
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_storage_drops_under_load()
    {
        var (link, postgres) = Linked();
        await using var _ = link;
        await using var node = await EmbeddedNode.StartAsync(Options with { Postgres = postgres }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var acknowledged = new ConcurrentDictionary<Guid, AppendResult>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Late);
        var delivered = FollowAsync(log, enough.Token);
        var done = false;

        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var index = 0; !Volatile.Read(ref done); index++)
            {
                var data = Event();
                acknowledged[data.EventId] = await log.AppendToStreamAsync($"card-{(writer + index) % 5}", StreamState.Any, [data], Late);
            }
        })).ToArray();
        var random = new Random(Seed);
        for (var round = 0; round < 12; round++)
        {
            var target = acknowledged.Count + random.Next(1, 120);
            await UntilAsync(() => acknowledged.Count >= target);
            if (round % 3 == 0) await Database.ScalarAsync("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'eventfeatures-log-writer%' and datname = current_database()");
            else link.Blip();
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(writers);

        var events = await AllAsync(log);
        events.Select(each => each.EventId).ShouldBeUnique($"seed {Seed}");
        events.Select(each => each.Position.Value).ShouldBe(Enumerable.Range(1, events.Count).Select(position => (ulong)position));
        var places = events.ToDictionary(each => each.EventId, each => new AppendResult(each.Revision, each.Position));
        foreach (var (id, result) in acknowledged) places[id].ShouldBe(result, $"seed {Seed}");
        await UntilAsync(() => delivered.Seen.Count >= events.Count);
        delivered.Seen.ToArray().ShouldBe(events.Select(each => each.Position.Value));
        await enough.CancelAsync();
    }

    [Fact]
    public async Task While_storage_is_away_callers_are_told_so_and_once_it_is_back_appends_pass()
    {
        var (link, postgres) = Linked();
        await using var _ = link;
        await using var node = await EmbeddedNode.StartAsync(Options with { Postgres = postgres, AppendDeadline = TimeSpan.FromSeconds(2) }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        using var channel = Channel(node);
        await EventuallyAppendsAsync(log, Event());

        link.Cut();
        var data = Event();
        await Should.ThrowAsync<LogUnavailableException>(() => log.AppendToStreamAsync("card-1", StreamState.Any, [data], Late));
        var refused = await Should.ThrowAsync<RpcException>(async () =>
        {
            using var call = Wire(channel).Read(ReadRequests.Stream("card-1", ReadDirection.Forwards, null, 1), cancellationToken: Late);
            await call.ResponseStream.MoveNext(Late);
        });
        link.Mend();

        refused.StatusCode.ShouldBe(StatusCode.Unavailable);
        await EventuallyAppendsAsync(log, data);
        (await AllAsync(log)).Count(each => each.EventId == data.EventId).ShouldBe(1);
    }

    [Fact]
    public async Task Storage_that_falls_silent_is_given_up_within_the_deadline_and_the_doubt_is_settled()
    {
        var (link, postgres) = Linked();
        await using var _ = link;
        await using var node = await EmbeddedNode.StartAsync(Options with { Postgres = postgres, AppendDeadline = TimeSpan.FromSeconds(1), TakeoverDeadline = TimeSpan.FromSeconds(3) }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString + "&defaultDeadline=2000");
        await EventuallyAppendsAsync(log, Event());
        var data = Event();

        link.Freeze();
        var append = log.AppendToStreamAsync("card-1", StreamState.StreamRevision(0), [data], Late);
        await Task.WhenAny(append, Task.Delay(TimeSpan.FromSeconds(3), Late));
        append.IsCompletedSuccessfully.ShouldBeFalse("nothing is acknowledged that PostgreSQL has not committed");
        link.Mend();
        link.Blip();

        try { await append; }
        catch (LogUnavailableException) { await EventuallyAppendsAsync(log, data); }
        (await AllAsync(log)).Count(each => each.EventId == data.EventId).ShouldBe(1);
    }

    [Fact]
    public async Task An_append_that_storage_does_not_take_is_refused_alone()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await Database.ScalarAsync(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'poison' using errcode = '22000'; end $$;
            create trigger refuse before insert on log.events for each row when (new.type = 'Poison') execute function refuse();
            """);

        var good = Enumerable.Range(0, 30).Select(index => log.AppendToStreamAsync($"card-{index}", StreamState.NoStream, [Event()], Late)).ToList();
        var bad = log.AppendToStreamAsync("card-bad", StreamState.NoStream, [Event() with { Type = "Poison" }], Late);
        good.AddRange(Enumerable.Range(30, 30).Select(index => log.AppendToStreamAsync($"card-{index}", StreamState.NoStream, [Event()], Late)));

        (await Should.ThrowAsync<ArgumentException>(() => bad)).Message.ShouldContain("poison");
        await Task.WhenAll(good);
        (await AllAsync(log)).Select(each => each.Position.Value).ShouldBe(Enumerable.Range(1, 60).Select(position => (ulong)position));
    }

    private static (ConcurrentQueue<ulong> Seen, Task Running) FollowAsync(EventStoreLog log, CancellationToken cancellation)
    {
        var seen = new ConcurrentQueue<ulong>();
        return (seen, Task.Run(async () =>
        {
            await foreach (var message in log.SubscribeToAll(FromAll.Start, cancellation: cancellation))
                if (message is LogMessage.Event { Recorded: var recorded }) seen.Enqueue(recorded.Position.Value);
        }, CancellationToken.None));
    }

    // Deadlines are short here, and a busy machine may pass them.
    private async Task EventuallyAppendsAsync(EventStoreLog log, EventData data)
    {
        while (true)
        {
            try
            {
                await log.AppendToStreamAsync("card-1", StreamState.Any, [data], Late);
                return;
            }
            catch (LogUnavailableException) when (!Late.IsCancellationRequested)
            {
                await Task.Delay(50, Late);
            }
        }
    }

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Delay(10, Late);
    }
}
