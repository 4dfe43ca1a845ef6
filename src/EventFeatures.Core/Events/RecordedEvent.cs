using EventFeatures.Core.Time;

namespace EventFeatures.Core.Events;

/// <summary>An event as the log recorded it.</summary>
/// <param name="StreamId">The stream, <c>category-key</c>.</param>
/// <param name="Revision">The event's index in its stream, from 0.</param>
/// <param name="Position">The event's place in the whole log.</param>
/// <param name="EventId">The producer's id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Created">When the log recorded it, by the log's clock, truncated to microseconds.</param>
/// <param name="ContentType"><c>application/json</c> or <c>application/octet-stream</c>.</param>
/// <param name="Data">The payload's bytes, as appended.</param>
/// <param name="Metadata">The metadata's bytes, as appended; may be empty.</param>
public sealed record RecordedEvent(
    string StreamId,
    long Revision,
    Position Position,
    Guid EventId,
    string Type,
    Instant Created,
    string ContentType,
    ReadOnlyMemory<byte> Data,
    ReadOnlyMemory<byte> Metadata)
{
    /// <summary>
    /// Where the event first lay; <see langword="null"/> when that is its <see cref="Position"/> here, and no event that was
    /// copied into this log came from the same position of another.
    /// </summary>
    public FirstPlace? First { get; init; }

    /// <summary>The link by which a read that resolves links came to the event; <see langword="null"/> when by none.</summary>
    public RecordedEvent? Link { get; init; }

    /// <summary>What was found where the reader looked: the link if there is one, or else the event itself.</summary>
    public RecordedEvent Original() => Link ?? this;
}
