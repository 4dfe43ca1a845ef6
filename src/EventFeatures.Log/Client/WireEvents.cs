using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Wire = EventFeatures.Log.Protocol.Streaming.ReadResp.Types.ReadEvent;

namespace EventFeatures.Log.Client;

/// <summary>Events between their form here and on the wire.</summary>
internal static class WireEvents
{
    /// <summary>A recorded event with the link that led to it; of a link that does not resolve, the link itself.</summary>
    public static RecordedEvent Read(Wire message)
    {
        var wire = message.Event ?? message.Link
            ?? throw new InvalidDataException("The log sent an event message with neither an event nor a link.");
        // The message's position is its link's where it has one.
        var outer = message.PositionCase == Wire.PositionOneofCase.CommitPosition ? message.CommitPosition : (ulong?)null;
        return message is { Event: not null, Link: { } link }
            ? Read(wire, wire.CommitPosition) with { Link = Read(link, outer ?? link.CommitPosition) }
            : Read(wire, outer ?? wire.CommitPosition);
    }

    private static RecordedEvent Read(Wire.Types.RecordedEvent wire, ulong commit)
    {
        if (!Uuids.TryRead(wire.Id, out var id)) throw new InvalidDataException($"The log sent an event without a valid id at position {commit.ToString(CultureInfo.InvariantCulture)}.");
        return new RecordedEvent(
            StreamNames.TryRead(wire.StreamIdentifier) ?? throw new InvalidDataException($"The stream's name of event {id} is not UTF-8."),
            (long)wire.StreamRevision, new Position(commit), id,
            wire.Metadata.TryGetValue(WireNames.TypeKey, out var type) ? type : "",
            Created(wire.Metadata),
            wire.Metadata.TryGetValue(WireNames.ContentTypeKey, out var contentType) ? contentType : WireNames.OctetStream,
            wire.Data.Memory, wire.CustomMetadata.Memory);
    }

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

    private static Instant Created(MapField<string, string> metadata) =>
        metadata.TryGetValue(WireNames.CreatedKey, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks)
            ? new Instant(ticks / TimeSpan.TicksPerMicrosecond)
            : default;
}
