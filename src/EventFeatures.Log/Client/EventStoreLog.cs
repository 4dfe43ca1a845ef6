using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFeatures.Log.Client;

/// <summary>
/// The log as a client of the EventStoreDB gRPC protocol sees it: one for a process is enough, since all callers
/// share its connection and its batch stream.
/// </summary>
public sealed class EventStoreLog : IEventLog, IAsyncDisposable
{
    private readonly NodeSource _nodes;
    private readonly Appender _appender;
    private readonly Reader _reader;
    private readonly Subscriber _subscriber;
    private readonly Deletions _deletions;
    private readonly CancellationTokenSource _disposed = new();

    private EventStoreLog(ConnectionSettings settings, TlsFiles files, TimeProvider time, ILoggerFactory loggers, bool keepsOrder)
    {
        var logger = loggers.CreateLogger<EventStoreLog>();
        var retries = new Retries(time, logger, keepsOrder ? 1 : Retries.AttemptsMax);
        _nodes = new NodeSource(settings, files, time, loggers);
        _appender = new Appender(_nodes, settings, time, retries, logger, keepsOrder);
        _reader = new Reader(_nodes, time, retries, logger);
        _subscriber = new Subscriber(_nodes, retries, logger);
        _deletions = new Deletions(_nodes, settings, time, retries);
    }

    /// <summary>Makes a client; it reads the files of certificates at once and connects with its first call.</summary>
    /// <param name="connectionString"><c>esdb://…</c></param>
    /// <param name="time">The clock; the system's if left out.</param>
    /// <param name="loggers">Where it logs; nowhere if left out.</param>
    /// <param name="keepsOrder">
    /// Whether appends that are begun one after the other reach the log in that order, however many are under way and
    /// whatever fails. Then nothing is tried again, and once its connection broke, the client appends no more.
    /// </param>
    /// <exception cref="FormatException">
    /// The connection string is none, has an unknown option or an impossible value, or names a file that cannot be used.
    /// </exception>
    public static EventStoreLog Connect(string connectionString, TimeProvider? time = null, ILoggerFactory? loggers = null, bool keepsOrder = false) =>
        Connect(LogConnection.Read(connectionString), time, loggers, keepsOrder);

    /// <summary>As from a connection string, of which everything was read before.</summary>
    public static EventStoreLog Connect(LogConnection connection, TimeProvider? time = null, ILoggerFactory? loggers = null, bool keepsOrder = false) =>
        new(connection.Settings, connection.Files, time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, keepsOrder);

    /// <inheritdoc/>
    public Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        return _appender.AppendAsync(stream, expected, events, cancellation);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null,
        long countMax = long.MaxValue, bool resolveLinks = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        if (fromRevision is < 0) throw new ArgumentOutOfRangeException(nameof(fromRevision), fromRevision, "A revision is 0 or more; leave it out for the start or the end.");
        return _reader.StreamAsync(stream, direction, fromRevision, countMax, resolveLinks, cancellation);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        ReadDirection direction, Position from, EventFilter? filter = null, long countMax = long.MaxValue,
        CancellationToken cancellation = default) =>
        _reader.AllAsync(direction, from, filter, countMax, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogMessage> SubscribeToAll(
        FromAll from, EventFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // Where "now" is must be settled once: a drop before the first event would otherwise skip what came meanwhile.
        var after = from.IsLive ? await ReadHeadAsync(cancellation) : from.Checkpoint;
        await foreach (var message in _subscriber.ToAllAsync(after, filter, cancellation).WithCancellation(cancellation)) yield return message;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogMessage> SubscribeToStream(
        string stream, FromStream from, bool resolveLinks = false, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        var after = from.IsLive ? await LastRevisionAsync(stream, cancellation) : from.Checkpoint;
        await foreach (var message in _subscriber.ToStreamAsync(stream, after, resolveLinks, cancellation).WithCancellation(cancellation)) yield return message;
    }

    /// <inheritdoc/>
    public async Task<Position> DeleteStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        return await _deletions.DeleteAsync(stream, expected, cancellation) ?? await ReadHeadAsync(cancellation) ?? Position.Start;
    }

    /// <inheritdoc/>
    public async Task<Position> TombstoneStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        return await _deletions.TombstoneAsync(stream, expected, cancellation) ?? await ReadHeadAsync(cancellation) ?? Position.Start;
    }

    /// <inheritdoc/>
    public async Task<StreamMetadataAt> GetStreamMetadataAsync(string stream, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        await foreach (var newest in _reader.StreamAsync(SystemStreams.MetadataOf(stream), ReadDirection.Backwards, null, 1, false, cancellation))
            return new StreamMetadataAt(StreamMetadata.Parse(newest.Data), newest.Revision);
        return new StreamMetadataAt(StreamMetadata.None, null);
    }

    /// <inheritdoc/>
    public Task<AppendResult> SetStreamMetadataAsync(
        string stream, StreamState expected, StreamMetadata metadata, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        var data = new EventData(Guid.NewGuid(), SystemStreams.MetadataType, metadata.ToJson());
        return AppendToStreamAsync(SystemStreams.MetadataOf(stream), expected, [data], cancellation);
    }

    /// <inheritdoc/>
    public async Task<Position?> ReadHeadAsync(CancellationToken cancellation = default)
    {
        await foreach (var last in _reader.AllAsync(ReadDirection.Backwards, Position.End, null, 1, cancellation)) return last.Position;
        return null;
    }

    private async Task<long?> LastRevisionAsync(string stream, CancellationToken cancellation)
    {
        await foreach (var last in _reader.StreamAsync(stream, ReadDirection.Backwards, null, 1, false, cancellation)) return last.Revision;
        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_disposed.IsCancellationRequested) return ValueTask.CompletedTask;
        _disposed.Cancel();
        _appender.Dispose();
        _nodes.Dispose();
        return ValueTask.CompletedTask;
    }
}
