using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Scavenging;
using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>The log over the bounds of its table's parts, and what becomes of a log that an earlier version laid out.</summary>
public sealed class PartitionTests : NodeTestBase
{
    private const int PartEvents = 1_000;

    private EmbeddedNodeOptions Small => Options with { PartitionEvents = PartEvents };

    [Fact]
    public async Task Streams_and_the_whole_log_go_on_over_the_bounds_of_parts()
    {
        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
            await FillAsync(log, 60);

        await using var again = await EmbeddedNode.StartAsync(Small, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);

        (await PartsAsync()).ShouldBe(4);
        (await AllAsync(client)).Select(each => each.Position.Value).ShouldBe(Enumerable.Range(1, 60 * 60).Select(position => (ulong)position));
        var middle = await client.ReadAllAsync(ReadDirection.Backwards, new Position(2_100), null, 300, Late).Select(each => each.Position.Value).ToListAsync(Late);
        middle.ShouldBe(Enumerable.Range(0, 300).Select(back => 2_099ul - (ulong)back));
        (await RevisionsAsync(client, "card-1", ReadDirection.Forwards, 790)).ShouldBe(Enumerable.Range(790, 410).Select(revision => (long)revision));
        (await RevisionsAsync(client, "card-1", ReadDirection.Backwards, 810)).ShouldBe(Enumerable.Range(0, 811).Reverse().Select(revision => (long)revision));
        (await client.AppendToStreamAsync("card-1", StreamState.StreamRevision(1_199), [Event()], Late)).Position.Value.ShouldBe(3_601ul);
    }

    [Fact]
    public async Task What_older_parts_hold_decides_appends_as_before()
    {
        var retried = Event();
        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            await log.AppendToStreamAsync("old-retried", StreamState.NoStream, [retried, Event()], Late);
            await log.AppendToStreamAsync("old-closed", StreamState.NoStream, [Event()], Late);
            await log.TombstoneStreamAsync("old-closed", StreamState.Any, Late);
            await log.AppendToStreamAsync("old-deleted", StreamState.NoStream, [Event(), Event()], Late);
            await log.DeleteStreamAsync("old-deleted", StreamState.Any, Late);
            await log.AppendToStreamAsync("old-bounded", StreamState.NoStream, [Event(), Event()], Late);
            await log.SetStreamMetadataAsync("old-bounded", StreamState.NoStream, new StreamMetadata { MaxCount = 1 }, Late);
            await FillAsync(log, 40);
            await FiltersAsync(2);
        }

        await using var again = await EmbeddedNode.StartAsync(Small, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);

        (await client.AppendToStreamAsync("old-retried", StreamState.Any, [retried], Late)).Position.Value.ShouldBe(1ul);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => client.AppendToStreamAsync("old-retried", StreamState.NoStream, [Event()], Late));
        await Should.ThrowAsync<StreamDeletedException>(() => client.AppendToStreamAsync("old-closed", StreamState.Any, [Event()], Late));
        (await client.AppendToStreamAsync("old-deleted", StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(2);
        (await RevisionsAsync(client, "old-deleted", ReadDirection.Forwards, null)).ShouldBe([2L]);
        (await RevisionsAsync(client, "old-bounded", ReadDirection.Forwards, null)).ShouldBe([1L]);
        (await client.AppendToStreamAsync("new-1", StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_that_takes_its_time_does_not_hold_up_appends_into_a_new_part()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log, 10);
        await using var reading = await Database.Source.OpenConnectionAsync(Late);
        await using var snapshot = await reading.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Late);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM log.events", reading);
        (await count.ExecuteScalarAsync(Late)).ShouldBe(600L);

        await FillAsync(log, 30);

        (await PartsAsync()).ShouldBe(3);
        (await count.ExecuteScalarAsync(Late)).ShouldBe(600L, "a backup sees the log as it was when it began");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_look_up_and_each_page_is_an_index_scan_in_every_part(bool isAnalyzed)
    {
        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString)) await FillAsync(log, 40);
        if (isAnalyzed) await Database.ScalarAsync("ANALYZE log.events");
        await using var readers = NodeConnections.ForReaders(Small);

        foreach (var sql in Plans.Statements)
        {
            var plan = await Plans.OfAsync(readers, sql, Late);
            plan.ShouldContain("Index", customMessage: sql);
            plan.ShouldNotContain("Seq Scan", customMessage: sql);
            plan.Replace("Incremental Sort", "").ShouldNotContain("Sort  (", customMessage: sql);
            Plans.WholeIndexes(plan).ShouldBeEmpty(sql + "\n" + plan);
        }
        (await Plans.OfAsync(readers, Plans.PlacesOfIds, Late)).ShouldContain("hashed SubPlan", customMessage: "an id is compared with all that are asked for at once");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scavenge_looks_at_the_events_of_its_streams_alone(bool isAnalyzed)
    {
        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString)) await FillAsync(log, 40);
        await Database.ScalarAsync(HiddenEvents.Create);
        await Database.ScalarAsync(LogSchema.Table("log.scavenged_0") + LogSchema.Indexes("log.scavenged_0", "scavenged_0"));
        if (isAnalyzed) await Database.ScalarAsync("ANALYZE log.events");
        await using var scavenging = new NpgsqlDataSourceBuilder(Small.Postgres + ";Options=" + NodeConnections.Scavenging).Build();
        await using var connection = await scavenging.OpenConnectionAsync(Late);
        var (part, hidden) = (new Partition(0, PartEvents), new HiddenEvents(connection, long.MaxValue, 0));

        foreach (var sql in new[] { hidden.Count(part), new PartRewrite(connection, part, hidden, 0, TimeProvider.System).Keep.Replace("$1", "ARRAY['card-1', 'card-2']") })
            Plans.WholeIndexes(await Plans.OfAsync(scavenging, sql, Late)).ShouldBeEmpty(sql + "\n" + await Plans.OfAsync(scavenging, sql, Late));
    }

    [Fact]
    public async Task The_single_table_of_an_earlier_version_becomes_the_first_part()
    {
        await Database.ScalarAsync(FirstLayout.Sql);
        await Database.ScalarAsync(FirstLayout.Fill(2_500));
        var before = await Database.ScalarAsync(FirstLayout.Digest);

        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            (await Database.ScalarAsync(FirstLayout.Digest)).ShouldBe(before);
            (await PartsAsync()).ShouldBe(1);
            (await AllAsync(log)).Count.ShouldBe(2_500);
            var known = (await AllAsync(log))[1_234];
            (await log.AppendToStreamAsync(known.StreamId, StreamState.Any, [Event() with { EventId = known.EventId }], Late)).Position.ShouldBe(known.Position, "an old event's id is a retry");
            await FillAsync(log, 20);
        }

        await using var again = await EmbeddedNode.StartAsync(Small, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);
        (await PartsAsync()).ShouldBe(2, "the first takes positions up to 2,999");
        (await AllAsync(client)).Count.ShouldBe(3_700);
    }

    [Fact]
    public async Task A_later_layout_is_refused_with_what_to_do()
    {
        await using (await EmbeddedNode.StartAsync(Small, Late)) { }
        await Database.ScalarAsync("UPDATE log.layout SET version = 99");

        (await Should.ThrowAsync<LogLayoutException>(() => EmbeddedNode.StartAsync(Small, Late))).Message.ShouldContain("Start it with the version that wrote it");
    }

    // Appends of 60 events, 20 to each of three streams, so that some of them lie across a bound.
    private async Task FillAsync(EventStoreLog log, int rounds)
    {
        for (var round = 0; round < rounds; round++)
            foreach (var stream in new[] { "card-1", "card-2", "shop-1" })
                await log.AppendToStreamAsync(stream, StreamState.Any, [.. Enumerable.Range(0, 20).Select(_ => Event())], Late);
    }

    private async Task<List<long>> RevisionsAsync(EventStoreLog log, string stream, ReadDirection direction, long? from) =>
        await log.ReadStreamAsync(stream, direction, from, cancellation: Late).Select(each => each.Revision).ToListAsync(Late);

    private async Task<long> PartsAsync() => (long)(await Database.ScalarAsync("SELECT count(*) FROM pg_inherits WHERE inhparent = 'log.events'::regclass"))!;

    // Which streams a full part has is noted beside everything else.
    private async Task FiltersAsync(long parts)
    {
        while (await Database.ScalarAsync("SELECT count(*) FROM log.partitions WHERE filter IS NOT NULL") is long noted && noted < parts) await Task.Delay(20, Late);
    }
}
