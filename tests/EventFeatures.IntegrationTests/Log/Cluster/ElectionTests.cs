using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Cluster;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>A cluster that has no leader for a while, which is longer than one search for it.</summary>
public sealed class ElectionTests : ClusterTestBase
{
    // A search has ten rounds.
    private const int RoundsWithoutLeader = 35;

    private int _rounds;

    [Fact, Trait("Fact", "4")]
    public async Task An_append_waits_for_the_leader_that_is_elected()
    {
        Elect();
        await using var log = Connect();

        (await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late)).NextExpectedRevision.ShouldBe(7);

        _rounds.ShouldBeGreaterThan(RoundsWithoutLeader);
    }

    [Fact, Trait("Fact", "4")]
    public async Task So_do_reads_and_deletions()
    {
        Leader.OnRead = (_, responses, cancellation) => responses.WriteAsync(Recorded(5), cancellation);
        Leader.OnDelete = (_, _) => Task.FromResult(new DeleteResp { Position = new DeleteResp.Types.Position { CommitPosition = 6 } });
        Elect();
        await using (var reading = Connect()) (await reading.ReadHeadAsync(Late)).ShouldBe(new Position(5));

        Elect();
        await using var deleting = Connect();
        (await deleting.DeleteStreamAsync("card-1", StreamState.Any, Late)).ShouldBe(new Position(6));
    }

    [Fact, Trait("Fact", "4"), Trait("Fact", "22")]
    public async Task A_subscription_goes_on_at_the_leader_that_is_elected_after_the_last_position_that_it_saw()
    {
        List<ulong?> starts = [];
        Leader.OnRead = async (request, responses, cancellation) =>
        {
            var after = request.Options.All.Position?.CommitPosition;
            starts.Add(after);
            await responses.WriteAsync(Recorded((after ?? 0) + 1), cancellation);
            Elect();
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "The node is shutting down."));
        };
        await using var log = Connect();
        List<ulong> positions = [];

        await foreach (var message in log.SubscribeToAll(FromAll.Start, cancellation: Late))
        {
            if (message is LogMessage.Event { Recorded: var recorded }) positions.Add(recorded.Position.Value);
            if (positions.Count == 3) break;
        }

        positions.ShouldBe([1ul, 2ul, 3ul]);
        starts.ShouldBe([null, 1ul, 2ul]);
    }

    // Its waits, and the deadline of a search, are a hundredth of what they say.
    private EventStoreLog Connect() => EventStoreLog.Connect(
        To(Follower, "&defaultDeadline=1000000").Replace("esdb://", "esdb+discover://", StringComparison.Ordinal), new HurriedTime(100));

    private void Elect()
    {
        _rounds = 0;
        Follower.OnGossip = () => ++_rounds <= RoundsWithoutLeader
            ? ScriptedNode.Cluster((Follower, MemberInfo.Types.VNodeState.Follower, true))
            : ScriptedNode.Cluster((Follower, MemberInfo.Types.VNodeState.Follower, true), (Leader, MemberInfo.Types.VNodeState.Leader, true));
    }
}
