using EventFeatures.Log.Protocol.Features;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>Tells clients what the node serves, in the lower-case names that they compare with.</summary>
internal sealed class ServerFeaturesService : ServerFeatures.ServerFeaturesBase
{
    // The generation of the protocol that is spoken here; clients read features from it.
    private const string ProtocolVersion = "23.10.0";

    private static readonly SupportedMethods Supported = List(
        (Protocol.Streaming.Streams.Descriptor, ["Read", "Append", "BatchAppend", "Delete", "Tombstone"]),
        (ServerFeatures.Descriptor, ["GetSupportedMethods"]),
        (Protocol.Cluster.Gossip.Descriptor, ["Read"]));

    public override Task<SupportedMethods> GetSupportedMethods(Protocol.Empty request, ServerCallContext context) => Task.FromResult(Supported);

    private static SupportedMethods List(params (ServiceDescriptor Service, string[] Methods)[] services)
    {
        var supported = new SupportedMethods { EventStoreServerVersion = ProtocolVersion };
        foreach (var (service, methods) in services)
            foreach (var method in methods)
                supported.Methods.Add(new SupportedMethod
                {
                    ServiceName = service.FullName.ToLowerInvariant(),
                    MethodName = method.ToLowerInvariant(),
                });
        return supported;
    }
}
