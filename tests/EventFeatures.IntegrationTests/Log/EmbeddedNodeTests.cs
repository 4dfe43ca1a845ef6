using EventFeatures.Testing.Faults.Rig;
using EventFeatures.Testing.Log;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

public sealed class EmbeddedNodeTests : NodeTestBase
{
    // A port where nothing can listen.
    private const int Nobody = 0;

    [Fact]
    public async Task What_was_appended_is_there_after_a_restart_and_continues()
    {
        RecordedEvent[] before;
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            for (var index = 0; index < 20; index++) await log.AppendToStreamAsync($"card-{index % 3}", StreamState.Any, [Event(), Event()], Late);
            before = [.. await AllAsync(log)];
        }

        await using var again = await EmbeddedNode.StartAsync(Options, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);

        var after = await AllAsync(client);
        after.Select(each => (each.Position, each.StreamId, each.Revision, each.EventId)).ShouldBe(before.Select(each => (each.Position, each.StreamId, each.Revision, each.EventId)));
        var next = await client.AppendToStreamAsync("card-0", StreamState.StreamRevision(13), [Event()], Late);
        next.Position.Value.ShouldBe(41ul);
        (await client.AppendToStreamAsync("card-1", StreamState.Any, [Event() with { EventId = before.First(each => each.StreamId == "card-1").EventId }], Late))
            .NextExpectedRevision.ShouldBe(0, "the id of an old event is a retry after a restart as well");
    }

    [Fact]
    public async Task A_retry_is_known_after_a_restart_wherever_in_a_long_stream_it_lies()
    {
        EventData[][] batches = [.. Enumerable.Range(0, 70).Select(_ => Enumerable.Range(0, 1_000).Select(_ => Event()).ToArray())];
        List<AppendResult> results = [];
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
            foreach (var batch in batches) results.Add(await log.AppendToStreamAsync("card-1", StreamState.Any, batch, Late));

        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
            (await log.AppendToStreamAsync("card-1", StreamState.StreamRevision(69_999), [batches[1][1]], Late)).NextExpectedRevision.ShouldBe(70_000, "an id may be used again where the expected revision is the last");

        await using var again = await EmbeddedNode.StartAsync(Options, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);

        (await client.AppendToStreamAsync("card-1", StreamState.Any, [batches[1][1]], Late)).NextExpectedRevision.ShouldBe(70_000, "of an id that is there twice, the last place counts");
        foreach (var index in new[] { 0, 4, 69 }) (await client.AppendToStreamAsync("card-1", StreamState.Any, batches[index], Late)).ShouldBe(results[index]);
        EventData[] acrossAll = [batches[69][5], batches[0][7], batches[33][9]];
        (await client.AppendToStreamAsync("card-1", StreamState.Any, acrossAll, Late)).NextExpectedRevision.ShouldBe(33_009, "it is a retry of events that are all there");
        await Should.ThrowAsync<WrongExpectedVersionException>(() => client.AppendToStreamAsync("card-1", StreamState.Any, [batches[0][0], Event()], Late));
        (await client.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late)).NextExpectedRevision.ShouldBe(70_001);
    }

    [Fact, Trait("Fact", "25")]
    public async Task Deleted_and_closed_streams_stay_so_after_a_restart()
    {
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        {
            using var channel = Channel(node);
            await using var log = EventStoreLog.Connect(node.ConnectionString);
            foreach (var stream in new[] { "card-1", "card-2", "card-3" }) await log.AppendToStreamAsync(stream, StreamState.NoStream, [Event(), Event()], Late);
            await Wire(channel).DeleteAsync(new DeleteReq { Options = new() { StreamIdentifier = StreamNames.ToIdentifier("card-1"), Any = new() } }, cancellationToken: Late);
            await Wire(channel).TombstoneAsync(new TombstoneReq { Options = new() { StreamIdentifier = StreamNames.ToIdentifier("card-2"), Any = new() } }, cancellationToken: Late);
        }

        await using var again = await EmbeddedNode.StartAsync(Options, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);

        (await client.ReadStreamAsync("card-1", cancellation: Late).CountAsync(Late)).ShouldBe(0);
        (await client.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(2);
        (await client.ReadStreamAsync("card-1", cancellation: Late).Select(each => each.Revision).ToListAsync(Late)).ShouldBe([2L]);
        await Should.ThrowAsync<StreamDeletedException>(() => client.AppendToStreamAsync("card-2", StreamState.Any, [Event()], Late));
        (await client.AppendToStreamAsync("card-3", StreamState.StreamRevision(1), [Event()], Late)).NextExpectedRevision.ShouldBe(2);
        (await AllAsync(client)).Select(each => each.Position.Value).ShouldBe(Enumerable.Range(1, 11).Select(position => (ulong)position));
    }

    [Fact]
    public async Task Positions_are_dense_from_1()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(index => log.AppendToStreamAsync($"card-{index}", StreamState.NoStream, [Event(), Event()], Late)));

        (await AllAsync(log)).Select(each => each.Position.Value).ShouldBe(Enumerable.Range(1, 60).Select(position => (ulong)position));
    }

    [Fact]
    public async Task A_second_node_on_the_same_database_is_refused_and_the_first_is_named()
    {
        await using var first = await EmbeddedNode.StartAsync(Options, Late);

        var refused = await Should.ThrowAsync<NodeAlreadyRunningException>(() =>
            EmbeddedNode.StartAsync(Options with { TakeoverDeadline = TimeSpan.FromMilliseconds(300) }, Late));

        refused.Message.ShouldContain("eventfeatures-log-writer");
        refused.Message.ShouldContain(FormattableString.Invariant($"{Environment.ProcessId}"));
    }

    [Fact]
    public async Task A_start_waits_for_a_session_that_is_about_to_leave()
    {
        var first = await EmbeddedNode.StartAsync(Options, Late);

        var second = EmbeddedNode.StartAsync(Options, Late);
        second.IsCompleted.ShouldBeFalse();
        await first.DisposeAsync();

        await (await second).DisposeAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_a_way_out()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var other = await TestDatabaseOfItsOwnAsync();

        var refused = await Should.ThrowAsync<IOException>(() => EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = other.ConnectionString, Port = node.Port }, Late));

        refused.Message.ShouldContain(FormattableString.Invariant($"127.0.0.1:{node.Port}"));
        refused.Message.ShouldContain("0 for a free one");
    }

    [Fact]
    public async Task Impossible_options_are_all_named_at_once()
    {
        var refused = await Should.ThrowAsync<ArgumentException>(() =>
            EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = "", Port = 70_000, QueueEventsMax = 0 }, Late));

        refused.Message.ShouldContain("Postgres");
        refused.Message.ShouldContain("70000");
        refused.Message.ShouldContain("QueueEventsMax");
    }

    [Fact]
    public async Task Past_the_queues_bound_an_append_is_refused_as_resource_exhausted()
    {
        await using var node = await EmbeddedNode.StartAsync(Options with { QueueEventsMax = 10 }, Late);
        using var channel = Channel(node);

        var batches = Enumerable.Range(0, 400).Select(index => Batch($"card-{index}", 5)).ToList();
        using var call = Wire(channel).BatchAppend(cancellationToken: Late);
        List<BatchAppendResp> answers = [];
        await using (var holding = await Database.Source.OpenConnectionAsync(Late))
        {
            // Nothing commits meanwhile, however slowly the batches come.
            await using var held = await holding.BeginTransactionAsync(Late);
            await using (var hold = new NpgsqlCommand("LOCK TABLE log.events IN EXCLUSIVE MODE", holding)) await hold.ExecuteNonQueryAsync(Late);
            foreach (var batch in batches) await call.RequestStream.WriteAsync(batch, Late);
            (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
            answers.Add(call.ResponseStream.Current);
        }
        while (answers.Count < batches.Count && await call.ResponseStream.MoveNext(Late)) answers.Add(call.ResponseStream.Current);

        var refused = answers.Where(answer => answer.ResultCase == BatchAppendResp.ResultOneofCase.Error).ToList();
        refused.ShouldNotBeEmpty();
        refused.ShouldAllBe(answer => answer.Error.Code == Code.ResourceExhausted);
        answers.ShouldContain(answer => answer.ResultCase == BatchAppendResp.ResultOneofCase.Success);
    }

    [Fact]
    public async Task What_is_not_served_is_unimplemented_by_name()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var marshaller = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var unknown = new Method<byte[], byte[]>(MethodType.Unary, "event_store.client.users.Users", "Create", marshaller, marshaller);

        var refused = await Should.ThrowAsync<RpcException>(() => channel.CreateCallInvoker().AsyncUnaryCall(unknown, null, new CallOptions(cancellationToken: Late), []).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.Unimplemented);
        refused.Status.Detail.ShouldContain("event_store.client.users.Users/Create");
    }

    [Fact, Trait("Fact", "23")]
    public async Task A_node_that_stops_ends_subscriptions_as_unavailable()
    {
        var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        using var call = Wire(channel).Read(ReadRequests.Subscribe(null, null), cancellationToken: Late);
        await call.ResponseStream.MoveNext(Late);
        await call.ResponseStream.MoveNext(Late);

        await node.DisposeAsync();

        (await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(Late))).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task A_subscription_survives_a_restart_of_the_node_with_nothing_lost_or_doubled()
    {
        var node = await EmbeddedNode.StartAsync(Options, Late);
        var port = node.Port;
        // The port that the node gives up may be another's by the time that it starts again.
        await using var link = FaultyLink.ToPort(() => Volatile.Read(ref port));
        await using var log = EventStoreLog.Connect(FormattableString.Invariant($"esdb://127.0.0.1:{link.Port}?tls=false"));
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event(), Event()], Late);
        await using var messages = log.SubscribeToAll(FromAll.Start, cancellation: Late).GetAsyncEnumerator(Late);
        List<ulong> positions = [];
        while (positions.Count < 2 && await messages.MoveNextAsync()) Collect(messages.Current, positions);

        Volatile.Write(ref port, Nobody);
        await node.DisposeAsync();
        node = await EmbeddedNode.StartAsync(Options, Late);
        Volatile.Write(ref port, node.Port);
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event(), Event()], Late);
        while (positions.Count < 4 && await messages.MoveNextAsync()) Collect(messages.Current, positions);

        positions.ShouldBe([1ul, 2ul, 3ul, 4ul]);
        await node.DisposeAsync();
    }

    private static void Collect(LogMessage message, List<ulong> positions)
    {
        if (message is LogMessage.Event { Recorded: var recorded }) positions.Add(recorded.Position.Value);
    }

    private static Task<EventFeatures.Testing.Databases.TestDatabase> TestDatabaseOfItsOwnAsync() => EventFeatures.Testing.Databases.TestDatabase.CreateAsync();

    private static BatchAppendReq Batch(string stream, int count)
    {
        var batch = new BatchAppendReq
        {
            CorrelationId = Uuids.Structured(Guid.NewGuid()),
            Options = new BatchAppendReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream), Any = new Google.Protobuf.WellKnownTypes.Empty() },
            IsFinal = true,
        };
        for (var index = 0; index < count; index++) batch.ProposedMessages.Add(WireBatches.Proposed(Event()));
        return batch;
    }
}
