using System.Globalization;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Cluster;
using EventFeatures.Log.Protocol.Features;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Log.Protocol.Watching;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>What a server tells of itself.</summary>
public abstract class ServerContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "3")]
    public async Task It_names_what_it_serves_in_lower_case()
    {
        var supported = await new ServerFeatures.ServerFeaturesClient(Channel).GetSupportedMethodsAsync(new Empty(), cancellationToken: Late);

        supported.Methods.ShouldContain(method => method.ServiceName == "event_store.client.streams.streams" && method.MethodName == "batchappend");
        Version.TryParse(supported.EventStoreServerVersion.Split('-', '+')[0], out _).ShouldBeTrue();
    }

    [Fact, Trait("Fact", "4")]
    public async Task Its_gossip_names_a_living_leader()
    {
        var cluster = await new Gossip.GossipClient(Channel).ReadAsync(new Empty(), cancellationToken: Late);

        var leader = cluster.Members.ShouldHaveSingleItem();
        leader.IsAlive.ShouldBeTrue();
        leader.State.ShouldBe(MemberInfo.Types.VNodeState.Leader);
        leader.HttpEndPoint.Port.ShouldBeGreaterThan(0u);
    }

    [Fact]
    public async Task It_tells_figures_of_itself_at_once_and_again_at_the_asked_interval()
    {
        using var stats = new Monitoring.MonitoringClient(Channel).Stats(new StatsReq { RefreshTimePeriodInMs = 200 }, cancellationToken: Late);

        for (var message = 0; message < 3; message++)
        {
            (await stats.ResponseStream.MoveNext(Late)).ShouldBeTrue();
            int.Parse(stats.ResponseStream.Current.Stats["proc-id"], CultureInfo.InvariantCulture).ShouldBePositive();
            long.Parse(stats.ResponseStream.Current.Stats["proc-mem"], CultureInfo.InvariantCulture).ShouldBePositive();
        }
    }

    [Fact, Trait("Fact", "4")]
    public async Task A_method_that_it_does_not_know_is_status_12()
    {
        var marshaller = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var unknown = new Method<byte[], byte[]>(MethodType.Unary, "event_store.client.nothing.Nothing", "Do", marshaller, marshaller);

        (await Should.ThrowAsync<RpcException>(() => Channel.CreateCallInvoker().AsyncUnaryCall(unknown, null, new CallOptions(cancellationToken: Late), []).ResponseAsync))
            .StatusCode.ShouldBe(StatusCode.Unimplemented);
    }

    [Fact, Trait("Fact", "2")]
    public async Task The_headers_of_official_clients_are_welcome()
    {
        var headers = new Metadata { { "requires-leader", "True" }, { "connection-name", "contract" } };
        using var call = Wire.BatchAppend(headers, cancellationToken: Late);

        await call.RequestStream.WriteAsync(Batch(Stream(), Event()), Late);

        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        call.ResponseStream.Current.ResultCase.ShouldBe(BatchAppendResp.ResultOneofCase.Success);
    }
}
