using EventFeatures.Core.Events;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>What the writer knows of one stream.</summary>
internal sealed class StreamHead
{
    /// <summary>The last revision; -1 when the stream has no event.</summary>
    public long Revision { get; set; } = -1;

    /// <summary>The stream's metadata; <see langword="null"/> for none.</summary>
    public StreamMetadata? Metadata { get; set; }

    /// <summary>The metadata that deletes the stream until somebody appends again; <see langword="null"/> while none does.</summary>
    public StreamMetadata? DeletedBy => Metadata?.TruncateBefore == StreamMetadata.DeletedStream ? Metadata : null;

    /// <summary>The revision from which a stream that was deleted began anew; 0 for one that never was.</summary>
    public long BegunAt => DeletedBy is null ? Metadata?.TruncateBefore ?? 0 : 0;

    /// <summary>The ids of the events that were appended since the head was loaded, and of all once complete; but for what is not settled yet.</summary>
    public EventIdSet Ids { get; } = new();

    /// <summary>Whether <see cref="Ids"/> holds every id of the stream, but for what is not settled yet.</summary>
    public bool IdsComplete { get; set; }

    /// <summary>Memory in units of about 150 bytes.</summary>
    public long Weight => 2 + Ids.Count / IdsPerWeight;

    public const int IdsPerWeight = 16;
}

/// <summary>An event's place, for answering its retry.</summary>
internal readonly record struct EventPlace(long Revision, long Position);
