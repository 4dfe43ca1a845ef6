using EventFeatures.Log.EmbeddedNode.Serving;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>What is refused about groups, with the trailers that clients read.</summary>
internal static class GroupRefusals
{
    /// <summary>What exists may be another group, which clients know by the same id.</summary>
    public static RpcException Exists(GroupKey key, GroupKey existing) =>
        Refusal(StatusCode.AlreadyExists, "persistent-subscription-exists", key, $"Subscription group {existing.Group} on stream {existing.Source} exists.");

    public static RpcException DoesNotExist(GroupKey key) =>
        Refusal(StatusCode.NotFound, "persistent-subscription-does-not-exist", key, $"Subscription group {key.Group} on stream {key.Source} does not exist.");

    public static RpcException TooManyConsumers(GroupKey key, int most) =>
        Refusal(StatusCode.FailedPrecondition, "maximum-subscribers-reached", key, FormattableString.Invariant($"Maximum subscriptions reached for subscription group {key.Group} on stream {key.Source}: at most {most} may be connected."));

    public static RpcException Dropped(GroupKey key, string why) =>
        Refusal(StatusCode.Cancelled, "persistent-subscription-dropped", key, $"Subscription group {key.Group} on stream {key.Source} was dropped. {why}");

    private static RpcException Refusal(StatusCode code, string exception, GroupKey key, string message) =>
        new(new Status(code, message), new Metadata
        {
            { Protocol.WireNames.ExceptionTrailer, exception },
            { Protocol.WireNames.StreamNameTrailer, Refusals.Ascii(key.Source) },
            { "group-name", Refusals.Ascii(key.Group) },
        });
}
