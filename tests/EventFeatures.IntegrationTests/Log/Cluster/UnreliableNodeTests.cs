using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Specs;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>The client against a node that is slow, silent or gone in the middle of a call.</summary>
public sealed class UnreliableNodeTests : ClusterTestBase
{
    [Fact, Trait("Fact", "22")]
    public async Task A_subscriber_that_was_too_slow_resubscribes_after_the_last_position_that_it_saw()
    {
        List<ulong?> starts = [];
        Leader.OnRead = async (request, responses, cancellation) =>
        {
            var after = request.Options.All.Position?.CommitPosition;
            starts.Add(after);
            for (var position = (after ?? 0) + 1; position <= (after ?? 0) + 3; position++) await responses.WriteAsync(Recorded(position), cancellation);
            throw new RpcException(new Grpc.Core.Status(StatusCode.Aborted, "Consumer too slow"));
        };
        await using var log = EventStoreLog.Connect(To(Leader));
        List<ulong> positions = [];

        await foreach (var message in log.SubscribeToAll(FromAll.Start, cancellation: Late))
        {
            if (message is LogMessage.Event { Recorded: var recorded }) positions.Add(recorded.Position.Value);
            if (positions.Count == 9) break;
        }

        positions.ShouldBe(Enumerable.Range(1, 9).Select(position => (ulong)position));
        starts.ShouldBe([null, 3ul, 6ul]);
    }

    [Fact, Trait("Fact", "22")]
    public async Task A_subscription_to_a_stream_resumes_after_its_last_revision()
    {
        Leader.OnRead = async (request, responses, cancellation) =>
        {
            var stream = request.Options.Stream;
            var next = stream.RevisionOptionCase == ReadReq.Types.Options.Types.StreamOptions.RevisionOptionOneofCase.Revision ? stream.Revision + 1 : 0;
            await responses.WriteAsync(Recorded(next), cancellation);
            await responses.WriteAsync(Recorded(next + 1), cancellation);
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "The node is shutting down."));
        };
        await using var log = EventStoreLog.Connect(To(Leader));
        List<long> revisions = [];

        await foreach (var message in log.SubscribeToStream("card-1", FromStream.Start, cancellation: Late))
        {
            if (message is LogMessage.Event { Recorded: var recorded }) revisions.Add(recorded.Revision);
            if (revisions.Count == 6) break;
        }

        revisions.ShouldBe([0L, 1L, 2L, 3L, 4L, 5L]);
    }

    [Fact]
    public async Task A_filtered_read_of_which_nothing_passes_for_minutes_is_waited_for()
    {
        var reads = 0;
        Leader.OnRead = async (_, responses, cancellation) =>
        {
            reads++;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            await responses.WriteAsync(Recorded(5), cancellation);
        };
        // A minute is a fifth of a second.
        await using var log = EventStoreLog.Connect(To(Leader), new HurriedTime(300));

        var read = await log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix("card-"), cancellation: Late).ToListAsync(Late);

        read.ShouldHaveSingleItem().Position.ShouldBe(new Position(5));
        reads.ShouldBe(1);
    }

    [Fact, Trait("Fact", "10")]
    public async Task A_batch_stream_with_a_batch_pending_is_never_half_closed()
    {
        Leader.OnBatch = _ => null;
        var log = EventStoreLog.Connect(To(Leader));
        var pending = log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);
        await Eventually.TrueAsync(() => Task.FromResult(!Leader.Batches.IsEmpty), TimeSpan.FromMinutes(1), () => "No batch came.");

        await log.DisposeAsync();

        await Eventually.TrueAsync(() => Task.FromResult(!Leader.HalfClosed.IsEmpty), TimeSpan.FromMinutes(1), () => "The stream did not end.");
        Leader.HalfClosed.ShouldHaveSingleItem().ShouldBeFalse();
        await Should.ThrowAsync<Exception>(() => pending);
    }

    [Fact, Trait("Fact", "7")]
    public async Task A_batch_whose_answer_is_lost_is_sent_again_with_the_same_ids()
    {
        var lost = false;
        Leader.OnBatch = batch =>
        {
            if (lost) return Accept(batch);
            lost = true;
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "gone"));
        };
        await using var log = EventStoreLog.Connect(To(Leader));

        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);

        var batches = Leader.Batches.ToArray();
        batches.Length.ShouldBe(2);
        batches[1].ProposedMessages.ShouldBe(batches[0].ProposedMessages);
        batches[1].CorrelationId.ShouldNotBe(batches[0].CorrelationId);
    }

    [Fact, Trait("Fact", "25")]
    public async Task A_tombstone_whose_answer_was_lost_counts_when_the_retry_finds_it()
    {
        var tries = 0;
        Leader.OnTombstone = _ => throw (++tries == 1
            ? new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "gone"))
            : new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, "deleted"), new Metadata { { "exception", "stream-deleted" }, { "stream-name", "card-1" } }));
        Leader.OnRead = (_, responses, cancellation) => responses.WriteAsync(Recorded(50), cancellation);
        await using var log = EventStoreLog.Connect(To(Leader));

        (await log.TombstoneStreamAsync("card-1", StreamState.Any, Late)).ShouldBe(new Position(50));

        tries.ShouldBe(2);
        tries = 1;
        await Should.ThrowAsync<StreamDeletedException>(() => log.TombstoneStreamAsync("card-1", StreamState.Any, Late));
    }

    [Fact]
    public async Task A_deletion_that_is_never_answered_ends_as_unavailable_within_its_deadlines()
    {
        Leader.OnDelete = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return new DeleteResp();
        };
        await using var log = EventStoreLog.Connect(To(Leader, "&defaultDeadline=100"));

        (await Should.ThrowAsync<LogUnavailableException>(() => log.DeleteStreamAsync("card-1", StreamState.Any, Late))).Message.ShouldContain("failed 8 times");
    }

    [Fact]
    public async Task An_append_that_is_answered_while_its_events_are_still_being_sent_ends_by_its_answer()
    {
        (Leader.HasBatches, Leader.AnswersBeforeItReads) = (false, true);
        Leader.OnAppend = (_, _) => new AppendResp { WrongExpectedVersion = new AppendResp.Types.WrongExpectedVersion { CurrentRevision = 3 } };
        await using var log = EventStoreLog.Connect(To(Leader));
        EventData[] events = [.. Enumerable.Range(0, 2000).Select(_ => new EventData(Guid.NewGuid(), "Tested", new byte[1000]))];

        for (var round = 0; round < 20; round++)
            (await Should.ThrowAsync<WrongExpectedVersionException>(() => log.AppendToStreamAsync("card-1", StreamState.NoStream, events, Late))).ActualRevision.ShouldBe(3);
    }

    [Fact]
    public async Task A_node_that_takes_batches_is_found_where_one_was_that_did_not()
    {
        Leader.HasBatches = false;
        Leader.OnAppend = (_, _) => new AppendResp { Success = new AppendResp.Types.Success { CurrentRevision = 7 } };
        await using var log = EventStoreLog.Connect(To(Leader));
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);
        Leader.Batches.ShouldBeEmpty();

        Leader.HasBatches = true;
        Leader.OnAppend = (_, _) => throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "gone"));
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);

        Leader.Batches.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Appends_that_keep_their_order_do_not_come_after_one_that_was_lost()
    {
        List<string> came = [];
        Leader.OnBatch = batch =>
        {
            came.Add(batch.Options.StreamIdentifier.StreamName.ToStringUtf8());
            return came.Count < 3 ? Accept(batch) : throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "away"));
        };
        await using var log = EventStoreLog.Connect(To(Leader), keepsOrder: true);
        await log.AppendToStreamAsync("card-0", StreamState.Any, [Event()], Late);

        for (var number = 1; number < 50; number++)
        {
            var append = log.AppendToStreamAsync(FormattableString.Invariant($"card-{number}"), StreamState.Any, [Event()], Late);
            if (number == 1) await append;
            else await Should.ThrowAsync<LogUnavailableException>(append);
        }

        came.ShouldBe(["card-0", "card-1", "card-2"]);
    }

    [Fact, Trait("Fact", "2")]
    public async Task Calls_carry_the_connections_name_and_no_credentials_while_insecure()
    {
        Leader.OnRead = (_, responses, cancellation) => responses.WriteAsync(Recorded(5), cancellation);
        await using var log = EventStoreLog.Connect(To(Leader, "&connectionName=ops%20desk").Replace("esdb://", "kurrentdb://admin:changeit@", StringComparison.Ordinal));

        await log.ReadHeadAsync(Late);
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);

        Leader.Headers.Count.ShouldBe(2);
        foreach (var headers in Leader.Headers)
        {
            headers.GetValue("connection-name").ShouldBe("ops%20desk");
            headers.GetValue("requires-leader").ShouldBe("true");
            headers.GetValue("authorization").ShouldBeNull();
        }
    }
}
