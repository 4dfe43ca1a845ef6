using System.Globalization;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using Google.Protobuf;
using Recorded = EventFeatures.Log.Protocol.Persistent.ReadResp.Types.ReadEvent.Types.RecordedEvent;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>Messages as consumers get them.</summary>
internal static class GroupResponses
{
    public static ReadResp Confirmation(GroupKey key) =>
        new() { SubscriptionConfirmation = new ReadResp.Types.SubscriptionConfirmation { SubscriptionId = key.SubscriptionId } };

    public static ReadResp Event(Delivery delivery, bool structuredIds)
    {
        var message = delivery.Message;
        var read = new ReadResp.Types.ReadEvent
        {
            CommitPosition = (ulong)message.Source.Position,
            RetryCount = delivery.Retries,
        };
        if (!message.IsLink)
        {
            read.Event = Record(message.Source, structuredIds);
            return new ReadResp { Event = read };
        }
        read.Link = Record(message.Source, structuredIds);
        if (message.Target is { } target) read.Event = Record(target, structuredIds);
        return new ReadResp { Event = read };
    }

    private static Recorded Record(StoredEvent stored, bool structuredIds) => new()
    {
        Id = structuredIds ? Uuids.Structured(stored.Id) : Uuids.Text(stored.Id),
        StreamIdentifier = StreamNames.ToIdentifier(stored.Stream),
        StreamRevision = (ulong)stored.Revision,
        PreparePosition = (ulong)stored.Position,
        CommitPosition = (ulong)stored.Position,
        Metadata =
        {
            { WireNames.TypeKey, stored.Type },
            { WireNames.ContentTypeKey, stored.IsJson ? WireNames.Json : WireNames.OctetStream },
            { WireNames.CreatedKey, (stored.CreatedMicroseconds * 10).ToString(CultureInfo.InvariantCulture) },
        },
        CustomMetadata = UnsafeByteOperations.UnsafeWrap(stored.Metadata),
        Data = UnsafeByteOperations.UnsafeWrap(stored.Data),
    };
}
