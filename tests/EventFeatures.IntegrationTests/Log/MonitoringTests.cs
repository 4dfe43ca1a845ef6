using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using EventFeatures.Log.Protocol.Watching;
using Google.Protobuf.Collections;
using Grpc.Core;
using Grpc.Net.Client;
using Shouldly;
using Xunit;
using GroupRead = EventFeatures.Log.Protocol.Persistent.ReadReq;
using GroupsService = EventFeatures.Log.Protocol.Persistent.PersistentSubscriptions;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>What the embedded node tells of itself.</summary>
public sealed class MonitoringTests : NodeTestBase
{
    [Fact]
    public async Task The_figures_are_the_nodes_own_and_follow_what_happens()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        using var channel = Channel(node);
        using var stats = new Monitoring.MonitoringClient(channel).Stats(new StatsReq(), cancellationToken: Late);
        var before = await NextAsync(stats);
        (before["proc-id"], before["es-checksum"], before["es-subscriptions"], before["es-persistentSubscriptions-consumers"])
            .ShouldBe((Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "0", "0", "0"));
        double.Parse(before["proc-cpu"], CultureInfo.InvariantCulture).ShouldBeInRange(0, 100 * Environment.ProcessorCount);
        before["es-queue-Appends-length"].ShouldBe("0");
        before["es-queue-Appends-bytes"].ShouldBe("0");

        var appended = await log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event(), Event(), Event()], Late);
        await UntilAsync(stats, figures => figures["es-checksum"] == appended.Position.ToString() && figures["es-checksumNonFlushed"] == appended.Position.ToString());

        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(Late))
        {
            await using var following = log.SubscribeToAll(FromAll.Start, cancellation: ended.Token).GetAsyncEnumerator(ended.Token);
            (await following.MoveNextAsync()).ShouldBeTrue();
            using var consuming = await ConsumeAsync(channel);
            await UntilAsync(stats, figures => (figures["es-subscriptions"], figures["es-persistentSubscriptions-consumers"]) == ("1", "1"));
            await ended.CancelAsync();
        }
        await UntilAsync(stats, figures => (figures["es-subscriptions"], figures["es-persistentSubscriptions-consumers"]) == ("0", "0"));
    }

    [Fact]
    public async Task A_node_that_stops_says_so_and_an_interval_of_more_than_a_day_is_refused()
    {
        var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var _ = node;
        using var channel = Channel(node);
        var client = new Monitoring.MonitoringClient(channel);
        using var refused = client.Stats(new StatsReq { RefreshTimePeriodInMs = 86_400_001 }, cancellationToken: Late);
        (await Should.ThrowAsync<RpcException>(() => refused.ResponseStream.MoveNext(Late))).Status.ShouldSatisfyAllConditions(
            status => status.StatusCode.ShouldBe(StatusCode.InvalidArgument), status => status.Detail.ShouldContain("86400001"));

        using var stats = client.Stats(new StatsReq { RefreshTimePeriodInMs = 86_400_000 }, cancellationToken: Late);
        await NextAsync(stats);
        var next = stats.ResponseStream.MoveNext(Late);
        await node.DisposeAsync();

        (await Should.ThrowAsync<RpcException>(() => next)).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    private async Task<AsyncDuplexStreamingCall<GroupRead, ReadResp>> ConsumeAsync(GrpcChannel channel)
    {
        var groups = new GroupsService.PersistentSubscriptionsClient(channel);
        await groups.CreateAsync(
            new CreateReq { Options = new() { GroupName = "g", All = new() { Start = new Empty(), NoFilter = new Empty() }, Settings = Settings() } }, cancellationToken: Late);
        var call = groups.Read(cancellationToken: Late);
        await call.RequestStream.WriteAsync(
            new GroupRead { Options = new() { GroupName = "g", All = new Empty(), BufferSize = 10, UuidOption = new() { String = new Empty() } } }, Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        return call;
    }

    private static CreateReq.Types.Settings Settings() => new()
    {
        MaxRetryCount = 3, MinCheckpointCount = 1, MaxCheckpointCount = 10, LiveBufferSize = 50, ReadBatchSize = 10, HistoryBufferSize = 50,
        MessageTimeoutMs = 10_000, CheckpointAfterMs = 1_000, ConsumerStrategy = "RoundRobin",
    };

    private async Task UntilAsync(AsyncServerStreamingCall<StatsResp> stats, Func<MapField<string, string>, bool> reached)
    {
        while (!reached(await NextAsync(stats))) { }
    }

    private async Task<MapField<string, string>> NextAsync(AsyncServerStreamingCall<StatsResp> stats)
    {
        (await stats.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        return stats.ResponseStream.Current.Stats;
    }
}
