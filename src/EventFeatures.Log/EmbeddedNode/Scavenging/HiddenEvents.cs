using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Log.EmbeddedNode.Scavenging;

/// <summary>
/// Which events no read of their streams shows, as a table of streams with the bounds of what they show. It lies in
/// the database, since there may be millions of such streams, and goes with the scavenge.
/// </summary>
/// <param name="connection">The scavenge's own.</param>
/// <param name="limit">Only events before this position are ever called hidden: it is the log's end, which stays whole.</param>
/// <param name="nowMicroseconds">The time by which ages are measured, since the Unix epoch.</param>
internal sealed class HiddenEvents(NpgsqlConnection connection, long limit, long nowMicroseconds)
{
    public const string Table = "log.scavenge_bounds";

    public const string Create = $"DROP TABLE IF EXISTS {Table}; CREATE UNLOGGED TABLE {Table} (stream text COLLATE \"C\" PRIMARY KEY, first bigint NOT NULL, created_min timestamptz)";

    private const int StreamsPerStep = 1_000;

    /// <summary>Joins the bounds of the streams of <c>e</c>, where there are any.</summary>
    public const string Join = $"LEFT JOIN {Table} b ON b.stream = e.stream";

    /// <summary>Whether an event <c>e</c> is hidden.</summary>
    public string Condition => FormattableString.Invariant($"(b.stream IS NOT NULL AND e.position < {limit} AND (e.revision < b.first OR e.created < b.created_min))");

    /// <summary>Streams that hide something and keep it all the same.</summary>
    public long StreamsKept { get; private set; }

    /// <summary>Looks through all streams that have metadata or were closed.</summary>
    public async Task FindAsync(IReadOnlyCollection<string> keptPrefixes, Action<long> streams, CancellationToken cancellation)
    {
        await RunAsync(Create, cancellation);
        var found = 0L;
        // Names of metadata streams start with "$$", and "%" is the character after "$".
        await foreach (var some in StreamsAsync("run > 0 AND stream >= '$$' AND stream < '$%'", cancellation))
        {
            var speaking = Array.FindAll(some, SystemStreams.IsMetadata);
            var spokenOf = speaking.Select(SystemStreams.OriginalOf).Where(name => !SystemStreams.IsMetadata(name) && LinkStream.Of(name) is null).ToArray();
            // Of a metadata stream only the newest event counts.
            await NoteAsync((await HeadsAsync(speaking, cancellation)).Select(head => (head.Stream, First: head.Revision, CreatedMin: (long?)null)), cancellation);
            await NoteAsync(await BoundsAsync(spokenOf, keptPrefixes, cancellation), cancellation);
            streams(found += some.Length);
        }
        await foreach (var some in StreamsAsync(FormattableString.Invariant($"revision = {WireNames.TombstoneRevision}"), cancellation))
        {
            await NoteAsync(some.Where(name => !Keep(name, keptPrefixes)).Select(name => (name, WireNames.TombstoneRevision, (long?)null)), cancellation);
            streams(found += some.Length);
        }
        await RunAsync("ANALYZE " + Table, cancellation);
    }

    /// <summary>How many events of a part are hidden and still have data, and how many bytes these have.</summary>
    public async Task<(long Events, long Bytes)> CountAsync(Partition part, CancellationToken cancellation)
    {
        await using var count = new NpgsqlCommand(Count(part), connection);
        await using var row = await count.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>Counts hidden events of a part that have data, and its bytes.</summary>
    public string Count(Partition part) =>
        $"""
        SELECT count(*), coalesce(sum(octet_length(e.data)::bigint + octet_length(e.metadata)), 0)::bigint
        FROM {Table} b {Runs.JoinEvents(part.Table, "b.stream")} WHERE e.data IS NOT NULL AND {Condition}
        """;

    public Task ForgetAsync() => RunAsync($"DROP TABLE IF EXISTS {Table}", CancellationToken.None);

    // In the order of their names, so that the next step knows where to go on.
    private async IAsyncEnumerable<string[]> StreamsAsync(string condition, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var after = ""; ;)
        {
            await using var next = new NpgsqlCommand(
                $"SELECT DISTINCT stream FROM log.events WHERE {condition} AND stream > $1 COLLATE \"C\" ORDER BY stream LIMIT {StreamsPerStep}", connection)
                { Parameters = { new NpgsqlParameter<string> { TypedValue = after } } };
            List<string> some = [];
            await using (var rows = await next.ExecuteReaderAsync(cancellation))
                while (await rows.ReadAsync(cancellation)) some.Add(rows.GetString(0));
            if (some.Count > 0) yield return [.. some];
            if (some.Count < StreamsPerStep) yield break;
            after = some[^1];
        }
    }

    private async Task<List<(string Stream, long First, long? CreatedMin)>> BoundsAsync(string[] streams, IReadOnlyCollection<string> keptPrefixes, CancellationToken cancellation)
    {
        List<(string, long, long?)> bounds = [];
        foreach (var (stream, revision, metadata) in await HeadsAsync(streams, cancellation, HeadQueries.RevisionsAndMetadata("log.events")))
        {
            if (metadata is null || revision < 0) continue;
            var extent = new StreamExtent(revision, StoredMetadata.Read(metadata), isClosed: false, nowMicroseconds);
            // What is appended to a deleted stream from now on shows it again, from there on.
            var first = extent.IsMissing ? revision + 1 : extent.First;
            if (extent.IsClosed || (first <= 0 && extent.CreatedMin is null)) continue;
            if (!Keep(stream, keptPrefixes)) bounds.Add((stream, first, extent.CreatedMin));
        }
        return bounds;
    }

    private bool Keep(string stream, IReadOnlyCollection<string> prefixes)
    {
        if (!prefixes.Any(prefix => stream.StartsWith(prefix, StringComparison.Ordinal))) return false;
        StreamsKept++;
        return true;
    }

    private async Task<List<(string Stream, long Revision, byte[]? Metadata)>> HeadsAsync(string[] streams, CancellationToken cancellation, string? sql = null)
    {
        await using var command = new NpgsqlCommand(sql ?? HeadQueries.Revisions("log.events"), connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = streams, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        List<(string, long, byte[]?)> found = new(streams.Length);
        while (await rows.ReadAsync(cancellation))
            found.Add((rows.GetString(0), rows.GetInt64(1), rows.IsDBNull(2) ? null : rows.GetFieldValue<byte[]>(2)));
        return found;
    }

    private async Task NoteAsync(IEnumerable<(string Stream, long First, long? CreatedMin)> bounds, CancellationToken cancellation)
    {
        var all = bounds.ToList();
        if (all.Count == 0) return;
        await using var note = new NpgsqlCommand(
            $"""
            INSERT INTO {Table} SELECT stream, first, 'epoch'::timestamptz + created_min * interval '1 microsecond'
            FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS bounds(stream, first, created_min)
            ON CONFLICT (stream) DO UPDATE SET first = EXCLUDED.first, created_min = EXCLUDED.created_min
            """, connection);
        note.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(each => each.Stream)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        note.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. all.Select(each => each.First)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        note.Parameters.Add(new NpgsqlParameter<long?[]> { TypedValue = [.. all.Select(each => each.CreatedMin)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await note.ExecuteNonQueryAsync(cancellation);
    }

    private async Task RunAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
