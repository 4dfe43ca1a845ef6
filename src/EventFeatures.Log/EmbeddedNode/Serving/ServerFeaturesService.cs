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
        (Protocol.Cluster.Gossip.Descriptor, ["Read"]),
        (Protocol.Watching.Monitoring.Descriptor, ["Stats"]),
        (Protocol.Persistent.PersistentSubscriptions.Descriptor,
            ["Create", "Update", "Delete", "Read", "GetInfo", "ReplayParked", "List", "RestartSubsystem"]));

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
                    Features = { FeaturesOf(service) },
                });
        return supported;
    }

    // What clients may ask of persistent subscriptions: those to a stream, and those to the whole log.
    private static string[] FeaturesOf(ServiceDescriptor service) =>
        service == Protocol.Persistent.PersistentSubscriptions.Descriptor ? ["stream", "all"] : [];
}
