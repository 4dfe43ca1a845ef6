using System.Net;
using System.Net.Sockets;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Cluster;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>How the client finds the node of a cluster that it wants.</summary>
public sealed class DiscoveryTests : ClusterTestBase
{
    [Theory, Trait("Fact", "4")]
    [InlineData("esdb+discover")]
    [InlineData("kurrentdb+discover")]
    public async Task The_leader_is_found_by_gossip_though_the_first_seed_is_dead(string scheme)
    {
        // Bound, so that nobody else takes the port, and not listening, so that it refuses.
        using var dead = new Socket(SocketType.Stream, ProtocolType.Tcp);
        dead.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)dead.LocalEndPoint!).Port;
        await using var log = EventStoreLog.Connect(FormattableString.Invariant($"{scheme}://127.0.0.1:{port},127.0.0.1:{Follower.Port}?tls=false"));

        (await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late)).ShouldBe(new AppendResult(7, new Position(42)));

        Leader.Batches.Count.ShouldBe(1);
        Follower.Batches.ShouldBeEmpty();
    }

    [Fact, Trait("Fact", "4")]
    public async Task A_member_that_is_not_alive_is_no_leader()
    {
        await using var other = await ScriptedNode.StartAsync();
        Follower.OnGossip = () => ScriptedNode.Cluster((other, MemberInfo.Types.VNodeState.Leader, false), (Leader, MemberInfo.Types.VNodeState.Leader, true));
        await using var log = EventStoreLog.Connect(Discover(Follower));

        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);

        Leader.Batches.Count.ShouldBe(1);
        other.Batches.ShouldBeEmpty();
    }

    [Fact, Trait("Fact", "4"), Trait("Fact", "2")]
    public async Task Who_prefers_a_follower_reads_there_and_requires_no_leader()
    {
        Follower.OnRead = (_, responses, cancellation) => responses.WriteAsync(Recorded(5), cancellation);
        await using var log = EventStoreLog.Connect(Discover(Leader) + "&nodePreference=follower");

        (await log.ReadHeadAsync(Late)).ShouldBe(new Position(5));

        Follower.Headers.ShouldHaveSingleItem().GetValue("requires-leader").ShouldBe("false");
    }

    [Fact, Trait("Fact", "4")]
    public async Task When_the_leader_is_gone_the_next_one_is_found_and_the_append_keeps_its_ids()
    {
        var first = await ScriptedNode.StartAsync();
        first.OnBatch = Accept;
        Follower.OnGossip = () => ScriptedNode.Cluster((first, MemberInfo.Types.VNodeState.Leader, true));
        await using var log = EventStoreLog.Connect(Discover(Follower));
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);

        await first.DisposeAsync();
        Follower.OnGossip = () => ScriptedNode.Cluster((Leader, MemberInfo.Types.VNodeState.Leader, true));
        var data = Event();
        await log.AppendToStreamAsync("card-1", StreamState.Any, [data], Late);

        first.Batches.Count.ShouldBe(1);
        Leader.Batches.ShouldHaveSingleItem().ProposedMessages.ShouldHaveSingleItem().Id.ShouldBe(EventFeatures.Log.Protocol.Uuids.Structured(data.EventId));
    }

    [Fact, Trait("Fact", "4")]
    public async Task A_cluster_without_a_leader_is_named_once_the_rounds_of_each_try_are_used_up()
    {
        var rounds = 0;
        Follower.OnGossip = () =>
        {
            rounds++;
            return ScriptedNode.Cluster((Follower, MemberInfo.Types.VNodeState.Follower, true));
        };
        await using var log = EventStoreLog.Connect(Discover(Follower) + "&maxDiscoverAttempts=3&discoveryInterval=10&defaultDeadline=1000000", new HurriedTime(100));

        var refused = await Should.ThrowAsync<LogUnavailableException>(() => log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late));

        refused.Message.ShouldContain(FormattableString.Invariant($"127.0.0.1:{Follower.Port}"));
        refused.Message.ShouldContain("Leader in 3 rounds");
        refused.Message.ShouldContain("failed 8 times");
        rounds.ShouldBe(3 * 8);
    }

    private static string Discover(ScriptedNode seed) => To(seed).Replace("esdb://", "esdb+discover://", StringComparison.Ordinal);
}
