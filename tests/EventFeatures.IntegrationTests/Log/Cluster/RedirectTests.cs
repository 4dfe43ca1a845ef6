using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>A follower refuses what only the leader does, and the client goes to the leader that the refusal names.</summary>
public sealed class RedirectTests : ClusterTestBase
{
    [Fact, Trait("Fact", "4")]
    public async Task A_batch_is_appended_at_the_leader_with_the_same_ids()
    {
        Follower.OnBatch = _ => throw ScriptedNode.NotLeader(Leader);
        await using var log = EventStoreLog.Connect(To(Follower));
        var data = Event();

        (await log.AppendToStreamAsync("card-1", StreamState.Any, [data], Late)).NextExpectedRevision.ShouldBe(7);

        Leader.Batches.ShouldHaveSingleItem().ProposedMessages.ShouldHaveSingleItem().Id.ShouldBe(Uuids.Structured(data.EventId));
    }

    [Fact, Trait("Fact", "4"), Trait("Fact", "3")]
    public async Task So_is_an_append_of_its_own_call_where_nobody_serves_batches()
    {
        Follower.HasBatches = Leader.HasBatches = false;
        Follower.OnAppend = (_, _) => throw ScriptedNode.NotLeader(Leader);
        List<UUID> ids = [];
        Leader.OnAppend = (_, messages) =>
        {
            ids.AddRange(messages.Select(message => message.Id));
            return new AppendResp { Success = new AppendResp.Types.Success { CurrentRevision = 1, Position = new AppendResp.Types.Position { CommitPosition = 9, PreparePosition = 9 } } };
        };
        await using var log = EventStoreLog.Connect(To(Follower));
        EventData[] events = [Event(), Event()];

        (await log.AppendToStreamAsync("card-1", StreamState.NoStream, events, Late)).ShouldBe(new AppendResult(1, new Position(9)));

        ids.ShouldBe(events.Select(data => Uuids.Structured(data.EventId)));
    }

    [Fact, Trait("Fact", "4")]
    public async Task Reads_subscriptions_and_deletions_follow_as_well()
    {
        Follower.OnRead = (_, _, _) => throw ScriptedNode.NotLeader(Leader);
        Follower.OnDelete = (_, _) => throw ScriptedNode.NotLeader(Leader);
        Leader.OnRead = (_, responses, cancellation) => responses.WriteAsync(Recorded(5), cancellation);
        Leader.OnDelete = (_, _) => Task.FromResult(new DeleteResp { Position = new DeleteResp.Types.Position { CommitPosition = 6 } });

        await using (var reading = EventStoreLog.Connect(To(Follower))) (await reading.ReadHeadAsync(Late)).ShouldBe(new Position(5));
        await using (var deleting = EventStoreLog.Connect(To(Follower))) (await deleting.DeleteStreamAsync("card-1", StreamState.Any, Late)).ShouldBe(new Position(6));
        await using var following = EventStoreLog.Connect(To(Follower));
        await foreach (var message in following.SubscribeToAll(FromAll.Start, cancellation: Late))
        {
            message.ShouldBeOfType<LogMessage.Event>().Recorded.Position.ShouldBe(new Position(5));
            break;
        }
    }

    [Fact, Trait("Fact", "4")]
    public async Task Nodes_that_only_name_each_other_are_given_up_within_the_retries_bound()
    {
        Follower.OnDelete = (_, _) => throw ScriptedNode.NotLeader(Leader);
        Leader.OnDelete = (_, _) => throw ScriptedNode.NotLeader(Follower);
        await using var log = EventStoreLog.Connect(To(Follower));

        (await Should.ThrowAsync<LogUnavailableException>(() => log.DeleteStreamAsync("card-1", StreamState.Any, Late))).Message.ShouldContain("failed 8 times");
    }

    [Fact, Trait("Fact", "4")]
    public async Task Once_the_leader_is_gone_the_node_that_was_named_is_asked_again()
    {
        Follower.OnDelete = (_, _) => throw ScriptedNode.NotLeader(Leader);
        Leader.OnDelete = (_, _) => Task.FromResult(new DeleteResp { Position = new DeleteResp.Types.Position { CommitPosition = 6 } });
        await using var log = EventStoreLog.Connect(To(Follower));
        await log.DeleteStreamAsync("card-1", StreamState.Any, Late);

        Leader.OnDelete = (_, _) => throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "gone"));
        Follower.OnDelete = (_, _) => Task.FromResult(new DeleteResp { Position = new DeleteResp.Types.Position { CommitPosition = 7 } });

        (await log.DeleteStreamAsync("card-2", StreamState.Any, Late)).ShouldBe(new Position(7));
    }

    [Fact]
    public async Task A_leader_whose_name_cannot_be_read_is_no_redirect()
    {
        Follower.OnDelete = (_, _) => throw new RpcException(new Grpc.Core.Status(StatusCode.NotFound, "no leader"), new Metadata { { "exception", "not-leader" }, { "leader-endpoint-host", "x" }, { "leader-endpoint-port", "many" } });
        await using var log = EventStoreLog.Connect(To(Follower));

        (await Should.ThrowAsync<LogUnavailableException>(() => log.DeleteStreamAsync("card-1", StreamState.Any, Late))).Message.ShouldContain("no leader");
    }
}
