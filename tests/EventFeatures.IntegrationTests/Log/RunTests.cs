using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>Streams whose events were appended in runs, of which the index of streams has the first ones alone.</summary>
public sealed class RunTests : NodeTestBase
{
    private const int PartEvents = 1_000;

    private EmbeddedNodeOptions Small => Options with { PartitionEvents = PartEvents };

    [Fact]
    public async Task An_append_adds_one_entry_to_the_index_of_streams_in_each_part_that_it_reaches()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);

        // Positions 1 to 999 are in the first part, the next thousand in the second.
        await log.AppendToStreamAsync("card-1", StreamState.NoStream, Events(500), Late);
        await log.AppendToStreamAsync("card-2", StreamState.NoStream, Events(1), Late);
        await log.AppendToStreamAsync("card-1", StreamState.Any, Events(2_500), Late);

        (await Database.ScalarAsync("SELECT string_agg(position || ':' || run, ' ' ORDER BY position) FROM log.events WHERE run > 0"))
            .ShouldBe("1:500 501:1 502:498 1000:1000 2000:1000 3000:2");
        (await Database.ScalarAsync(StoredRuns.Broken)).ShouldBe(0L);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Reads_begin_and_end_anywhere_in_a_run(int seed)
    {
        var random = new Random(seed);
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var appended = await AppendAsync(log, random);

        for (var read = 0; read < 60; read++)
        {
            var (stream, events) = appended.ElementAt(random.Next(appended.Count));
            var from = random.Next(events.Count + 3);
            var count = random.Next(1, 2 * PartEvents);
            (await ReadAsync(log, stream, ReadDirection.Forwards, from, count)).ShouldBe(events.Skip(from).Take(count).Select(each => each.EventId));
            (await ReadAsync(log, stream, ReadDirection.Backwards, from, count)).ShouldBe(events.Take(from + 1).Reverse().Take(count).Select(each => each.EventId));
        }
        (await Database.ScalarAsync(StoredRuns.Broken)).ShouldBe(0L);
    }

    [Fact]
    public async Task Ids_anywhere_in_a_run_are_known_again_after_a_restart()
    {
        var random = new Random(4);
        Dictionary<string, List<EventData>> appended;
        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString)) appended = await AppendAsync(log, random);

        await using var again = await EmbeddedNode.StartAsync(Small, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);
        var head = (await AllAsync(client)).Count;
        foreach (var (stream, events) in appended)
        {
            foreach (var state in new[] { StreamState.Any, StreamState.StreamExists })
            {
                var from = random.Next(events.Count);
                var retried = events.Skip(from).Take(random.Next(1, 400)).ToList();
                (await client.AppendToStreamAsync(stream, state, retried, Late)).NextExpectedRevision.ShouldBe(from + retried.Count - 1);
            }
            var after = random.Next(events.Count - 1);
            (await client.AppendToStreamAsync(stream, StreamState.StreamRevision(after), events.Skip(after + 1).Take(400).ToList(), Late))
                .NextExpectedRevision.ShouldBe(Math.Min(after + 400, events.Count - 1));
            await Should.ThrowAsync<WrongExpectedVersionException>(() => client.AppendToStreamAsync(stream, StreamState.Any, [events[after], Event()], Late));
        }
        (await AllAsync(client)).Count.ShouldBe(head, "all of that was there");
    }

    [Fact]
    public async Task Links_lead_to_any_event_of_a_run_and_nowhere_past_it()
    {
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var events = Events(1_300);
        await log.AppendToStreamAsync("card-1", StreamState.NoStream, events, Late);
        await log.AppendToStreamAsync("card-2", StreamState.NoStream, Events(30), Late);
        foreach (var revision in new[] { 0, 570, 998, 999, 1_299, 1_300, 1_329, long.MaxValue - 1 })
            await log.AppendToStreamAsync("links", StreamState.Any, [new EventData(Guid.NewGuid(), "$>", Encoding.UTF8.GetBytes(FormattableString.Invariant($"{revision}@card-1")))], Late);

        var led = await log.ReadStreamAsync("links", resolveLinks: true, cancellation: Late).ToListAsync(Late);

        led.Take(5).Select(each => each.EventId).ShouldBe(new[] { 0, 570, 998, 999, 1_299 }.Select(revision => events[revision].EventId));
        led.Skip(5).ShouldAllBe(each => each.Type == "$>");
    }

    [Fact]
    public async Task Runs_stay_what_they_are_through_a_scavenge_that_removes_parts_of_them()
    {
        var random = new Random(5);
        await using var node = await EmbeddedNode.StartAsync(Small, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var appended = await AppendAsync(log, random);
        var firsts = appended.ToDictionary(each => each.Key, each => random.Next(each.Value.Count));
        foreach (var (stream, first) in firsts)
            await log.SetStreamMetadataAsync(stream, StreamState.NoStream, new StreamMetadata { TruncateBefore = first }, Late);
        await log.AppendToStreamAsync("last", StreamState.NoStream, Events(1), Late);

        var summary = await node.ScavengeAsync([], cancellation: Late);

        summary.EventsRemoved.ShouldBe(firsts.Values.Sum());
        (await Database.ScalarAsync(StoredRuns.Broken)).ShouldBe(0L);
        foreach (var (stream, events) in appended)
        {
            (await ReadAsync(log, stream, ReadDirection.Forwards, 0, int.MaxValue)).ShouldBe(events.Skip(firsts[stream]).Select(each => each.EventId));
            // What was removed stays so, and is skipped, where metadata would show it again.
            await log.SetStreamMetadataAsync(stream, StreamState.Any, StreamMetadata.None, Late);
            (await ReadAsync(log, stream, ReadDirection.Forwards, 0, int.MaxValue)).ShouldBe(events.Skip(firsts[stream]).Select(each => each.EventId));
            (await ReadAsync(log, stream, ReadDirection.Backwards, events.Count - 1, int.MaxValue)).ShouldBe(events.Skip(firsts[stream]).Reverse().Select(each => each.EventId));
        }
    }

    [Fact]
    public async Task A_log_of_the_second_layout_gets_the_indexes_of_this_one_and_keeps_every_event()
    {
        await Database.ScalarAsync(FirstLayout.Sql);
        await Database.ScalarAsync(SecondLayout.Sql(PartEvents, parts: 3));
        await Database.ScalarAsync(FirstLayout.Fill(2_500));
        var before = await Database.ScalarAsync(FirstLayout.Digest);

        await using (var node = await EmbeddedNode.StartAsync(Small, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            (await Database.ScalarAsync(FirstLayout.Digest)).ShouldBe(before);
            (await Database.ScalarAsync("SELECT max(version) FROM log.layout")).ShouldBe(3);
            var known = (await AllAsync(log))[1_234];
            (await log.AppendToStreamAsync(known.StreamId, StreamState.Any, [Event() with { EventId = known.EventId }], Late)).Position.ShouldBe(known.Position, "an old event's id is a retry");
            // Position 1,235 is of the third of seven streams, which has 357 events.
            (await log.ReadStreamAsync(known.StreamId, ReadDirection.Backwards, cancellation: Late).Select(each => each.Revision).ToListAsync(Late))
                .ShouldBe(Enumerable.Range(0, 357).Reverse().Select(revision => (long)revision));
            await log.AppendToStreamAsync("card-1", StreamState.Any, Events(1_200), Late);
        }

        (await Database.ScalarAsync(StoredRuns.Broken)).ShouldBe(0L);
        (await Database.ScalarAsync(StoredRuns.Indexes)).ShouldBe(4L, "all parts have the same indexes, by the same names");
        await using var again = await EmbeddedNode.StartAsync(Small, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);
        (await AllAsync(client)).Count.ShouldBe(3_700);
        (await again.ScavengeAsync([], cancellation: Late)).EventsRemoved.ShouldBe(0);
    }

    private static List<EventData> Events(int count) => [.. Enumerable.Range(0, count).Select(_ => Event())];

    private async Task<List<Guid>> ReadAsync(EventStoreLog log, string stream, ReadDirection direction, long from, int count) =>
        await log.ReadStreamAsync(stream, direction, from, count, cancellation: Late).Select(each => each.EventId).ToListAsync(Late);

    // Some six thousand events of three streams, in appends of one to six hundred.
    private async Task<Dictionary<string, List<EventData>>> AppendAsync(EventStoreLog log, Random random)
    {
        Dictionary<string, List<EventData>> appended = new() { ["card-1"] = [], ["card-2"] = [], ["shop-1"] = [] };
        while (appended.Values.Sum(each => each.Count) < 6 * PartEvents || appended.Values.Any(each => each.Count < 2))
        {
            var (stream, events) = appended.ElementAt(random.Next(appended.Count));
            var some = Events(random.Next(4) == 0 ? 1 : random.Next(1, 600));
            await log.AppendToStreamAsync(stream, StreamState.Any, some, Late);
            events.AddRange(some);
        }
        return appended;
    }
}
