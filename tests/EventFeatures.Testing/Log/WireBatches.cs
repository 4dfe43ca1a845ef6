using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;

namespace EventFeatures.Testing.Log;

/// <summary>Batches as any client makes them, by the protocol's generated messages.</summary>
internal static class WireBatches
{
    public static BatchAppendReq.Types.ProposedMessage Proposed(EventData data) => new()
    {
        Id = Uuids.Structured(data.EventId),
        Metadata = { [WireNames.TypeKey] = data.Type, [WireNames.ContentTypeKey] = data.ContentType },
        Data = ByteString.CopyFrom(data.Data.Span),
        CustomMetadata = ByteString.CopyFrom(data.Metadata.Span),
    };
}
