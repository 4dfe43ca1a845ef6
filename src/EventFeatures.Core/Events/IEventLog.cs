namespace EventFeatures.Core.Events;

/// <summary>
/// The one source of truth: an EventStoreDB server, be it a cluster or the embedded node. Everything above
/// this seam works with either and cannot tell which.
/// </summary>
/// <remarks>
/// Every call has a deadline of the adapter's own beside the caller's token. A cancelled or timed-out append
/// may or may not have happened; appending again with the same event ids settles it.
/// </remarks>
public interface IEventLog
{
    /// <summary>Appends events to one stream, all or none, durably before it returns.</summary>
    /// <exception cref="WrongExpectedVersionException">The stream is not in the expected state.</exception>
    /// <exception cref="StreamDeletedException">The stream was tombstoned.</exception>
    /// <exception cref="LogUnavailableException">The log could not be reached within the retries' bound.</exception>
    Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default);

    /// <summary>Reads a stream from a revision, which is included. A stream that does not exist has no events.</summary>
    /// <param name="stream">The stream's name.</param>
    /// <param name="direction">Forwards from, or backwards from, <paramref name="fromRevision"/>.</param>
    /// <param name="fromRevision">First revision to deliver; <see langword="null"/> is the start, or the end when backwards.</param>
    /// <param name="countMax">The most events to deliver.</param>
    /// <param name="resolveLinks">Whether a link is delivered as the event that it leads to; one that leads nowhere any more is delivered itself.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    /// <exception cref="StreamDeletedException">The stream was tombstoned.</exception>
    IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream,
        ReadDirection direction = ReadDirection.Forwards,
        long? fromRevision = null,
        long countMax = long.MaxValue,
        bool resolveLinks = false,
        CancellationToken cancellation = default);

    /// <summary>
    /// Reads the whole log. Forwards, the event at <paramref name="from"/> is included; backwards it is not.
    /// </summary>
    IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        ReadDirection direction,
        Position from,
        EventFilter? filter = null,
        long countMax = long.MaxValue,
        CancellationToken cancellation = default);

    /// <summary>
    /// Delivers history and then live events, once and in order, until cancelled. Drops of the connection are
    /// healed by resubscribing after the last delivered position; a log that stays away surfaces as
    /// <see cref="LogUnavailableException"/>.
    /// </summary>
    IAsyncEnumerable<LogMessage> SubscribeToAll(FromAll from, EventFilter? filter = null, CancellationToken cancellation = default);

    /// <summary>
    /// The same for one stream, which need not exist yet. It has no checkpoints: an event's own revision, or its
    /// link's, is where to resume.
    /// </summary>
    /// <exception cref="StreamDeletedException">The stream was tombstoned, before or meanwhile.</exception>
    IAsyncEnumerable<LogMessage> SubscribeToStream(
        string stream, FromStream from, bool resolveLinks = false, CancellationToken cancellation = default);

    /// <summary>
    /// Hides all events of a stream until somebody appends to it again, which continues its revisions. The whole log
    /// still has them.
    /// </summary>
    /// <returns>The position of the deletion, or a later one when a retry found that it had happened.</returns>
    /// <exception cref="WrongExpectedVersionException">The stream is not in the expected state, or there is nothing to delete.</exception>
    /// <exception cref="StreamDeletedException">The stream was tombstoned.</exception>
    Task<Position> DeleteStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default);

    /// <summary>Closes a stream for ever, whether or not it exists. Nothing can undo it.</summary>
    /// <returns>The position of the tombstone, or a later one when a retry found that it had happened.</returns>
    /// <exception cref="WrongExpectedVersionException">The stream is not in the expected state.</exception>
    /// <exception cref="StreamDeletedException">The stream was tombstoned before.</exception>
    Task<Position> TombstoneStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default);

    /// <summary>A stream's metadata, which is <see cref="StreamMetadata.None"/> at no revision where none was set.</summary>
    /// <exception cref="FormatException">What was set is no metadata.</exception>
    /// <exception cref="StreamDeletedException">The stream was tombstoned.</exception>
    Task<StreamMetadataAt> GetStreamMetadataAsync(string stream, CancellationToken cancellation = default);

    /// <summary>Replaces a stream's metadata; the expected state is that of the metadata, not of the stream.</summary>
    /// <exception cref="ArgumentException">The metadata has a bound that is out of its range.</exception>
    /// <exception cref="WrongExpectedVersionException">The metadata is not in the expected state.</exception>
    /// <exception cref="StreamDeletedException">The stream was tombstoned.</exception>
    Task<AppendResult> SetStreamMetadataAsync(
        string stream, StreamState expected, StreamMetadata metadata, CancellationToken cancellation = default);

    /// <summary>The position of the log's last event, or <see langword="null"/> for an empty log.</summary>
    Task<Position?> ReadHeadAsync(CancellationToken cancellation = default);
}

/// <summary>The order of a read.</summary>
public enum ReadDirection
{
    /// <summary>Oldest first.</summary>
    Forwards,

    /// <summary>Newest first.</summary>
    Backwards,
}

/// <summary>Where an append landed.</summary>
/// <param name="NextExpectedRevision">The revision of the last appended event.</param>
/// <param name="Position">The position of the last appended event: the consistency token.</param>
public sealed record AppendResult(long NextExpectedRevision, Position Position);

/// <summary>A stream's metadata and where it stands.</summary>
/// <param name="Metadata">What was set last.</param>
/// <param name="Revision">Its revision, to expect when it is set again; <see langword="null"/> when none was ever set.</param>
public sealed record StreamMetadataAt(StreamMetadata Metadata, long? Revision);
