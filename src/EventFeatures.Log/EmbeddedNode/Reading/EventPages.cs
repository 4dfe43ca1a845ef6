using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>
/// Reads storage a page at a time, so that a slow caller holds neither a connection nor more than a page. Pages
/// adapt to the events' size and stay near a few MiB.
/// </summary>
internal sealed class EventPages(NpgsqlDataSource readers)
{
    private const string Columns = "SELECT position, revision, created, event_id, is_json, stream, type, data, metadata FROM log.events ";

    /// <summary>The events from a position on, oldest first.</summary>
    public Task<EventPage> AllForwardsAsync(long fromPosition, int rows, CancellationToken cancellation) =>
        ReadAsync(Columns + "WHERE position >= $1 ORDER BY position LIMIT $2", null, fromPosition, rows, cancellation);

    /// <summary>The events before a position, newest first.</summary>
    public Task<EventPage> AllBackwardsAsync(long beforePosition, int rows, CancellationToken cancellation) =>
        ReadAsync(Columns + "WHERE position < $1 ORDER BY position DESC LIMIT $2", null, beforePosition, rows, cancellation);

    /// <summary>A stream's events from a revision on, oldest first.</summary>
    public Task<EventPage> StreamForwardsAsync(string stream, long fromRevision, int rows, CancellationToken cancellation) =>
        ReadAsync(Columns + "WHERE revision >= $1 AND stream = $3 ORDER BY revision LIMIT $2", stream, fromRevision, rows, cancellation);

    /// <summary>A stream's events from a revision down, newest first.</summary>
    public Task<EventPage> StreamBackwardsAsync(string stream, long fromRevision, int rows, CancellationToken cancellation) =>
        ReadAsync(Columns + "WHERE revision <= $1 AND stream = $3 ORDER BY revision DESC LIMIT $2", stream, fromRevision, rows, cancellation);

    private async Task<EventPage> ReadAsync(string sql, string? stream, long from, int rows, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rows });
        if (stream is not null) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StoredEvent> events = new(Math.Min(rows, 1024));
        long bytes = 0;
        while (bytes < EventPage.BytesMax && await reader.ReadAsync(cancellation))
        {
            var recorded = Read(reader);
            events.Add(recorded);
            bytes += recorded.Bytes;
        }
        var cutShort = bytes >= EventPage.BytesMax && await reader.ReadAsync(cancellation);
        return new EventPage(events, bytes, IsLast: !cutShort && events.Count < rows);
    }

    private static StoredEvent Read(NpgsqlDataReader row) =>
        new(row.GetString(5), row.GetString(6), row.GetGuid(3), row.GetBoolean(4),
            row.GetFieldValue<byte[]>(7), row.GetFieldValue<byte[]>(8))
        {
            Position = row.GetInt64(0),
            Revision = row.GetInt64(1),
            CreatedMicroseconds = (row.GetDateTime(2).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        };
}

/// <summary>Consecutive events, and whether storage had no more when they were read.</summary>
internal sealed record EventPage(List<StoredEvent> Events, long Bytes, bool IsLast)
{
    public const long BytesMax = 4L * 1024 * 1024;

    private const int RowsMax = 4096;

    /// <summary>Rows of a first page, before the events' size is known.</summary>
    public const int RowsFirst = 256;

    /// <summary>Rows of the page after this one.</summary>
    public int RowsNext => Events.Count == 0 ? RowsFirst : (int)Math.Clamp(BytesMax / (Bytes / Events.Count), 4, RowsMax);
}
