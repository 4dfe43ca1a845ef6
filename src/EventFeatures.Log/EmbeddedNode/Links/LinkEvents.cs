using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Links;

/// <summary>Events whose data names another event, as <c>revision@stream</c>.</summary>
internal static class LinkEvents
{
    /// <summary>The link of a link stream to an event; where the event lies, there the link lies.</summary>
    public static StoredEvent To(StoredEvent target, string linkStream, long revision)
    {
        var data = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{target.Revision}@{target.Stream}"));
        return new StoredEvent(linkStream, SystemStreams.LinkType, IdOf(target), isJson: false, data, default)
        {
            Target = target,
            Position = target.Position,
            Revision = revision,
            CreatedMicroseconds = target.CreatedMicroseconds,
        };
    }

    /// <summary>Whether an event is a link.</summary>
    public static bool IsLink(StoredEvent stored) => string.Equals(stored.Type, SystemStreams.LinkType, StringComparison.Ordinal);

    /// <summary>The stream and revision that a link names; <see langword="null"/> when its data names none.</summary>
    public static (string Stream, long Revision)? TargetOf(StoredEvent link)
    {
        var text = Encoding.UTF8.GetString(link.Data.Span);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 && !text.Contains('\0', StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
                ? (text[(at + 1)..], revision)
                : null;
    }

    // The same at every read, and another than the event's own; the position sets apart equal ids of two streams.
    private static Guid IdOf(StoredEvent target)
    {
        Span<byte> bytes = stackalloc byte[16];
        target.Id.TryWriteBytes(bytes, bigEndian: true, out _);
        var mixed = BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ ((ulong)target.Position * 0x9E3779B97F4A7C15UL);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, mixed);
        return new Guid(bytes, bigEndian: true);
    }
}
