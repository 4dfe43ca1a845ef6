using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>
/// Reads storage a page at a time, so that a slow caller holds neither a connection nor more than a page. Pages
/// adapt to the events' size and stay near a few MiB.
/// </summary>
internal sealed class EventPages(NpgsqlDataSource readers, LinkIndex links)
{
    private const string Columns = "SELECT e.position, e.revision, e.created, e.event_id, e.is_json, e.stream, e.type, e.data, e.metadata FROM ";

    public const string AllForwards = Columns + "log.events e WHERE position >= $1 AND data IS NOT NULL ORDER BY position LIMIT $2";
    public const string AllBackwards = Columns + "log.events e WHERE position < $1 AND data IS NOT NULL ORDER BY position DESC LIMIT $2";

    // A stretch at a time: a filter that nothing passes would keep one statement at work over the whole log.
    private const int StretchMax = 16_384;

    private const string InStretch = "position >= $1 AND position < $2 AND data IS NOT NULL AND ";
    public const string StreamsForwards = Columns + "log.events e WHERE " + InStretch + "stream ^@ ANY($4) ORDER BY position LIMIT $3";
    public const string StreamsBackwards = Columns + "log.events e WHERE " + InStretch + "stream ^@ ANY($4) ORDER BY position DESC LIMIT $3";
    public const string TypesForwards = Columns + "log.events e WHERE " + InStretch + "type ^@ ANY($4) ORDER BY position LIMIT $3";
    public const string TypesBackwards = Columns + "log.events e WHERE " + InStretch + "type ^@ ANY($4) ORDER BY position DESC LIMIT $3";

    // Run by run, as many as the page takes: of a run only its own events are put in order.
    public static readonly string StreamForwards = Columns +
        $"""
        (SELECT position, revision, run FROM log.events WHERE stream = $3 AND run > 0 AND revision >= {Runs.Start("$3", "$1")} ORDER BY revision) AS r
        JOIN log.events e ON e.position >= r.position + least(greatest($1 - r.revision, 0), r.run) AND e.position < r.position + r.run AND e.data IS NOT NULL
        ORDER BY r.revision, e.position LIMIT $2
        """;

    public const string StreamBackwards = Columns +
        """
        (SELECT position, revision, run FROM log.events WHERE stream = $3 AND run > 0 AND revision <= $1 ORDER BY revision DESC) AS r
        JOIN log.events e ON e.position >= r.position AND e.position <= r.position + least(r.run - 1, $1 - r.revision) AND e.data IS NOT NULL
        ORDER BY r.revision DESC, e.position DESC LIMIT $2
        """;

    public const string At = Columns +
        """
        unnest($1::text[], $2::bigint[]) AS wanted(stream, revision)
        CROSS JOIN LATERAL (
            SELECT r.position + least(wanted.revision - r.revision, r.run) AS position FROM log.events r
            WHERE r.stream = wanted.stream COLLATE "C" AND r.run > 0 AND r.revision <= wanted.revision
            ORDER BY r.revision DESC LIMIT 1) AS place
        JOIN log.events e ON e.position = place.position AND e.stream = wanted.stream COLLATE "C" AND e.revision = wanted.revision AND e.data IS NOT NULL
        """;

    /// <summary>The events from a position on, oldest first.</summary>
    public async Task<EventPage> AllForwardsAsync(long fromPosition, int rows, CancellationToken cancellation)
    {
        var page = await ReadAsync(AllForwards, null, fromPosition, rows, cancellation);
        return page with { Next = page.Events.Count == 0 ? fromPosition : page.Events[^1].Position + 1 };
    }

    /// <summary>Those of them up to a position that pass a filter, as far as one stretch goes, in which there may be none.</summary>
    public async Task<EventPage> AllForwardsAsync(EventPrefixes filter, long fromPosition, long throughPosition, int rows, CancellationToken cancellation)
    {
        var end = Math.Max(fromPosition, Math.Min(fromPosition + StretchMax, throughPosition + 1));
        var page = await StretchAsync(filter.ByType ? TypesForwards : StreamsForwards, filter, fromPosition, end, rows, cancellation);
        var next = page.IsLast ? end : page.Events[^1].Position + 1;
        return page with { Next = next, IsLast = next > throughPosition };
    }

    /// <summary>The events before a position, newest first.</summary>
    public async Task<EventPage> AllBackwardsAsync(long beforePosition, int rows, CancellationToken cancellation)
    {
        var page = await ReadAsync(AllBackwards, null, beforePosition, rows, cancellation);
        return page with { Next = page.Events.Count == 0 ? beforePosition : page.Events[^1].Position };
    }

    /// <summary>Those of them that pass a filter, as far as one stretch goes, in which there may be none.</summary>
    public async Task<EventPage> AllBackwardsAsync(EventPrefixes filter, long beforePosition, int rows, CancellationToken cancellation)
    {
        var start = Math.Max(0, beforePosition - StretchMax);
        var page = await StretchAsync(filter.ByType ? TypesBackwards : StreamsBackwards, filter, start, beforePosition, rows, cancellation);
        var next = page.IsLast ? start : page.Events[^1].Position;
        return page with { Next = next, IsLast = next == 0 };
    }

    /// <summary>A stream's events from a revision on, oldest first; of a link stream, those that its index has counted.</summary>
    public Task<EventPage> StreamForwardsAsync(string stream, long fromRevision, int rows, CancellationToken cancellation) =>
        LinkStream.Of(stream) is { } linked
            ? LinksAsync(linked, fromRevision, rows, backwards: false, cancellation)
            : ReadAsync(StreamForwards, stream, fromRevision, rows, cancellation);

    /// <summary>A stream's events from a revision down, newest first; of a link stream, those that its index has counted.</summary>
    public Task<EventPage> StreamBackwardsAsync(string stream, long fromRevision, int rows, CancellationToken cancellation) =>
        LinkStream.Of(stream) is { } linked
            ? LinksAsync(linked, fromRevision, rows, backwards: true, cancellation)
            : ReadAsync(StreamBackwards, stream, fromRevision, rows, cancellation);

    /// <summary>The events at these places of streams, as far as there are any.</summary>
    public async Task<List<StoredEvent>> AtAsync(string[] streams, long[] revisions, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(At, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = streams, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = revisions, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StoredEvent> events = new(streams.Length);
        while (await reader.ReadAsync(cancellation)) events.Add(Read(reader));
        return events;
    }

    private async Task<EventPage> LinksAsync(LinkStream stream, long fromRevision, int rows, bool backwards, CancellationToken cancellation)
    {
        var first = backwards ? Math.Max(0, fromRevision - rows + 1) : fromRevision;
        var count = backwards ? (int)(fromRevision - first + 1) : rows;
        var positions = await links.PositionsAsync(stream, first, count, cancellation);
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(Columns + "log.events e WHERE position = ANY($1) ORDER BY position" + (backwards ? " DESC" : ""), connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. positions], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StoredEvent> events = new(positions.Count);
        long bytes = 0;
        while (bytes < EventPage.BytesMax && await reader.ReadAsync(cancellation))
        {
            var revision = backwards ? first + positions.Count - 1 - events.Count : first + events.Count;
            var link = LinkEvents.To(Read(reader), stream.Name, revision);
            events.Add(link);
            bytes += link.Bytes;
        }
        return new EventPage(events, bytes, IsLast: events.Count == positions.Count && (first == 0 && backwards || positions.Count < count));
    }

    private async Task<EventPage> ReadAsync(string sql, string? stream, long from, int rows, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rows });
        if (stream is not null) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        return await PageAsync(command, rows, cancellation);
    }

    private async Task<EventPage> StretchAsync(string sql, EventPrefixes filter, long start, long end, int rows, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = start });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = end });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rows });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = filter.Prefixes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return await PageAsync(command, rows, cancellation);
    }

    private async Task<EventPage> PageAsync(NpgsqlCommand command, int rows, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        command.Connection = connection;
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
            row.IsDBNull(7) ? default(ReadOnlyMemory<byte>) : row.GetFieldValue<byte[]>(7), row.IsDBNull(8) ? default(ReadOnlyMemory<byte>) : row.GetFieldValue<byte[]>(8))
        {
            IsRemoved = row.IsDBNull(7),
            Position = row.GetInt64(0),
            Revision = row.GetInt64(1),
            CreatedMicroseconds = (row.GetDateTime(2).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        };
}

/// <summary>Consecutive events, of those that were asked for, and whether storage had no more when they were read.</summary>
internal sealed record EventPage(List<StoredEvent> Events, long Bytes, bool IsLast)
{
    /// <summary>Of a page of the log: the position to go on from, which was not looked at forwards, and was backwards.</summary>
    public long Next { get; init; }

    public const long BytesMax = 4L * 1024 * 1024;

    private const int RowsMax = 4096;

    /// <summary>Rows of a first page, before the events' size is known.</summary>
    public const int RowsFirst = 256;

    /// <summary>Rows of the page after this one.</summary>
    public int RowsNext => Events.Count == 0 ? RowsFirst : (int)Math.Clamp(BytesMax / (Bytes / Events.Count), 4, RowsMax);
}
