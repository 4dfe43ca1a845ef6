using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Cluster;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>The node is a cluster of one, and its leader.</summary>
internal sealed class GossipService(NodeServices node) : Gossip.GossipBase
{
    private static readonly UUID Instance = Uuids.Structured(Guid.NewGuid());

    public override Task<ClusterInfo> Read(Empty request, ServerCallContext context)
    {
        // The address by which the caller reached this node is one by which it can be reached.
        var local = context.GetHttpContext().Connection;
        return Task.FromResult(new ClusterInfo
        {
            Members =
            {
                new MemberInfo
                {
                    InstanceId = Instance,
                    TimeStamp = (node.Options.Time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond,
                    State = MemberInfo.Types.VNodeState.Leader,
                    IsAlive = true,
                    HttpEndPoint = new EndPoint { Address = local.LocalIpAddress?.ToString() ?? "127.0.0.1", Port = (uint)local.LocalPort },
                },
            },
        });
    }
}
