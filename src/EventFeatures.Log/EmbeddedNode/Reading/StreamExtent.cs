using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>Which events of a stream can be read: what its metadata and deletion leave of it.</summary>
internal sealed class StreamExtent
{
    /// <summary>Of a stream's last revision, -1 for none, and its metadata, at a time in microseconds since the Unix epoch.</summary>
    public StreamExtent(long last, StreamMetadata metadata, bool isClosed, long nowMicroseconds)
    {
        Last = last;
        IsClosed = isClosed || last == WireNames.TombstoneRevision;
        IsMissing = last < 0 || metadata.TruncateBefore == StreamMetadata.DeletedStream;
        First = Math.Max(metadata.TruncateBefore ?? 0, metadata.MaxCount is { } count ? last - count + 1 : 0);
        // No event is from before 1970, and storage has no times as early as an age can reach back to.
        if (metadata.MaxAge is { } age && nowMicroseconds - age.Ticks / TimeSpan.TicksPerMicrosecond is >= 0 and var createdMin) CreatedMin = createdMin;
    }

    /// <summary>The last revision; -1 for none.</summary>
    public long Last { get; }

    /// <summary>The first revision that retention leaves; after <see cref="Last"/> when it leaves none.</summary>
    public long First { get; }

    /// <summary>The time of the oldest event that can be read, in microseconds since the Unix epoch; <see langword="null"/> for no bound.</summary>
    public long? CreatedMin { get; }

    /// <summary>Of a link stream, the position up to which its links are counted; 0 for other streams.</summary>
    public long Through { get; init; }

    /// <summary>Whether a tombstone closes the stream.</summary>
    public bool IsClosed { get; }

    /// <summary>Whether it has no events, or is deleted until somebody appends again.</summary>
    public bool IsMissing { get; }

    /// <summary>Whether an event of the stream can still be read.</summary>
    public bool Shows(StoredEvent stored) =>
        !IsMissing && !IsClosed && !stored.IsRemoved && stored.Revision >= First && !(stored.CreatedMicroseconds < CreatedMin);
}
