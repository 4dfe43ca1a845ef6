using System.Text.Json;
using EventFeatures.Core.Events;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>Stream metadata as anybody may have appended it.</summary>
internal static class StoredMetadata
{
    /// <summary>The metadata; as on a real server, what cannot be understood bounds nothing.</summary>
    public static StreamMetadata Read(ReadOnlyMemory<byte> json) => TryRead(json) ?? StreamMetadata.None;

    /// <summary>The metadata, or <see langword="null"/> when it cannot be understood or could not be written again.</summary>
    public static StreamMetadata? TryRead(ReadOnlyMemory<byte> json)
    {
        try
        {
            var metadata = StreamMetadata.Parse(json);
            // Text that is no Unicode parses, but shows when it is written.
            return metadata.ToJson().Length > 0 ? metadata : null;
        }
        catch (Exception odd) when (odd is FormatException or JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
