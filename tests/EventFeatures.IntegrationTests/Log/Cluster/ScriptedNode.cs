using System.Collections.Concurrent;
using System.Net;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Cluster;
using EventFeatures.Log.Protocol.Features;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using EndPoint = EventFeatures.Log.Protocol.Cluster.EndPoint;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>A node of the log's protocol that does what a test tells it, for what no single real node does.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private WebApplication _server = null!;
    private int _askedForFeatures, _askedForMembers;

    public int Port { get; private set; }

    /// <summary>Whether the node says that it serves batches.</summary>
    public bool HasBatches { get; set; } = true;

    /// <summary>What the node waits for before it says what it serves, or who the cluster's members are.</summary>
    public Func<CancellationToken, Task> Silence { get; set; } = _ => Task.CompletedTask;

    /// <summary>How often the node was asked what it serves.</summary>
    public int AskedForFeatures => _askedForFeatures;

    /// <summary>How often the node was asked for the cluster's members.</summary>
    public int AskedForMembers => _askedForMembers;

    /// <summary>Whether an append of its own call is answered before its events are read.</summary>
    public bool AnswersBeforeItReads { get; set; }

    public Func<BatchAppendReq, BatchAppendResp?> OnBatch { get; set; } = _ => throw Unscripted("BatchAppend");
    public Func<AppendReq.Types.Options, IReadOnlyList<AppendReq.Types.ProposedMessage>, AppendResp> OnAppend { get; set; } = (_, _) => throw Unscripted("Append");
    public Func<ReadReq, IServerStreamWriter<ReadResp>, CancellationToken, Task> OnRead { get; set; } = (_, _, _) => throw Unscripted("Read");
    public Func<DeleteReq, CancellationToken, Task<DeleteResp>> OnDelete { get; set; } = (_, _) => throw Unscripted("Delete");
    public Func<TombstoneReq, TombstoneResp> OnTombstone { get; set; } = _ => throw Unscripted("Tombstone");
    public Func<ClusterInfo> OnGossip { get; set; } = () => throw Unscripted("Gossip");

    /// <summary>The batches that came, answered or not.</summary>
    public ConcurrentQueue<BatchAppendReq> Batches { get; } = [];

    /// <summary>The headers of the calls that came.</summary>
    public ConcurrentQueue<Metadata> Headers { get; } = [];

    /// <summary>How each batch stream ended: true when its caller half-closed it.</summary>
    public ConcurrentQueue<bool> HalfClosed { get; } = [];

    public static async Task<ScriptedNode> StartAsync()
    {
        var node = new ScriptedNode();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(node);
        node._server = builder.Build();
        node._server.MapGrpcService<StreamsScript>();
        node._server.MapGrpcService<FeaturesScript>();
        node._server.MapGrpcService<GossipScript>();
        await node._server.StartAsync();
        var addresses = node._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        node.Port = new Uri(addresses.First()).Port;
        return node;
    }

    /// <summary>A follower's refusal, which names the leader.</summary>
    public static RpcException NotLeader(ScriptedNode leader) => new(new Grpc.Core.Status(StatusCode.NotFound, "Leader info available"), new Metadata
    {
        { "exception", "not-leader" },
        { "leader-endpoint-host", "127.0.0.1" },
        { "leader-endpoint-port", leader.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) },
    });

    /// <summary>What gossip tells of nodes in these states.</summary>
    public static ClusterInfo Cluster(params (ScriptedNode Node, MemberInfo.Types.VNodeState State, bool IsAlive)[] members)
    {
        var cluster = new ClusterInfo();
        foreach (var (node, state, isAlive) in members)
            cluster.Members.Add(new MemberInfo { State = state, IsAlive = isAlive, HttpEndPoint = new EndPoint { Address = "127.0.0.1", Port = (uint)node.Port } });
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _server.StopAsync(late.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            // Calls that lasted longer end with the server.
        }
        await _server.DisposeAsync();
    }

    private static RpcException Unscripted(string method) => new(new Grpc.Core.Status(StatusCode.Unimplemented, $"The test did not expect {method}."));

    private sealed class StreamsScript(ScriptedNode node) : Streams.StreamsBase
    {
        public override async Task BatchAppend(IAsyncStreamReader<BatchAppendReq> requestStream, IServerStreamWriter<BatchAppendResp> responseStream, ServerCallContext context)
        {
            node.Headers.Enqueue(context.RequestHeaders);
            try
            {
                while (await requestStream.MoveNext(context.CancellationToken))
                {
                    node.Batches.Enqueue(requestStream.Current);
                    if (node.OnBatch(requestStream.Current) is { } answer) await responseStream.WriteAsync(answer);
                }
                node.HalfClosed.Enqueue(true);
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException || context.CancellationToken.IsCancellationRequested)
            {
                node.HalfClosed.Enqueue(false);
            }
        }

        public override async Task<AppendResp> Append(IAsyncStreamReader<AppendReq> requestStream, ServerCallContext context)
        {
            List<AppendReq.Types.ProposedMessage> messages = [];
            AppendReq.Types.Options options = new();
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                if (requestStream.Current.Options is { } first) options = first;
                else messages.Add(requestStream.Current.ProposedMessage);
                if (node.AnswersBeforeItReads) break;
            }
            return node.OnAppend(options, messages);
        }

        public override Task Read(ReadReq request, IServerStreamWriter<ReadResp> responseStream, ServerCallContext context)
        {
            node.Headers.Enqueue(context.RequestHeaders);
            return node.OnRead(request, responseStream, context.CancellationToken);
        }

        public override Task<DeleteResp> Delete(DeleteReq request, ServerCallContext context) => node.OnDelete(request, context.CancellationToken);

        public override Task<TombstoneResp> Tombstone(TombstoneReq request, ServerCallContext context) => Task.FromResult(node.OnTombstone(request));
    }

    private sealed class FeaturesScript(ScriptedNode node) : ServerFeatures.ServerFeaturesBase
    {
        public override async Task<SupportedMethods> GetSupportedMethods(Empty request, ServerCallContext context)
        {
            Interlocked.Increment(ref node._askedForFeatures);
            await node.Silence(context.CancellationToken);
            var supported = new SupportedMethods { EventStoreServerVersion = "23.10.0" };
            if (node.HasBatches) supported.Methods.Add(new SupportedMethod { ServiceName = "event_store.client.streams.streams", MethodName = "batchappend" });
            return supported;
        }
    }

    private sealed class GossipScript(ScriptedNode node) : Gossip.GossipBase
    {
        public override async Task<ClusterInfo> Read(Empty request, ServerCallContext context)
        {
            Interlocked.Increment(ref node._askedForMembers);
            await node.Silence(context.CancellationToken);
            return node.OnGossip();
        }
    }
}
