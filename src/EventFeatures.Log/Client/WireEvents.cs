using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;

namespace EventFeatures.Log.Client;

/// <summary>Events on their way to the log, one by one; those of a batch are written by <see cref="BatchRequest"/>.</summary>
internal static class WireEvents
{
    public static AppendReq.Types.ProposedMessage Unary(EventData data)
    {
        var message = new AppendReq.Types.ProposedMessage
        {
            Id = Uuids.Structured(data.EventId),
            Data = UnsafeByteOperations.UnsafeWrap(data.Data),
            CustomMetadata = UnsafeByteOperations.UnsafeWrap(data.Metadata),
        };
        message.Metadata.Add(WireNames.TypeKey, data.Type);
        message.Metadata.Add(WireNames.ContentTypeKey, data.ContentType);
        return message;
    }
}
