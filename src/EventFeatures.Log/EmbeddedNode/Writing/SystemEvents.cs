using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>An append's events with their encoded rows, and where each row starts.</summary>
internal readonly record struct EncodedEvents(StoredEvent[] Events, byte[] Rows, int[] Offsets);

/// <summary>The events that the node writes of its own: metadata that deletes or brings back, and tombstones.</summary>
internal static class SystemEvents
{
    private static readonly byte[] DeletingMetadata = new StreamMetadata { TruncateBefore = StreamMetadata.DeletedStream }.ToJson();

    /// <summary>The metadata by which a stream is deleted; as on a real server, it replaces what was there.</summary>
    public static EncodedEvents Deletion(string stream) =>
        Encode(SystemStreams.MetadataOf(stream), SystemStreams.MetadataType, DeletingMetadata);

    /// <summary>The metadata by which a deleted stream comes back, its old events staying hidden.</summary>
    public static EncodedEvents Metadata(string stream, StreamMetadata metadata) =>
        Encode(SystemStreams.MetadataOf(stream), SystemStreams.MetadataType, metadata.ToJson());

    /// <summary>The event that closes a stream.</summary>
    public static EncodedEvents Tombstone(string stream) => Encode(stream, SystemStreams.DeletedType, []);

    private static EncodedEvents Encode(string stream, string type, byte[] json)
    {
        var id = Guid.NewGuid();
        var rows = new byte[EventRow.Size(stream, type, json.Length, 0)];
        EventRow.Encode(rows, 0, id, isJson: true, stream, type, json, [], out var data, out var metadata);
        return new EncodedEvents([new StoredEvent(stream, type, id, isJson: true, rows.AsMemory()[data], rows.AsMemory()[metadata])], rows, [0]);
    }
}
