using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>What the writer asks storage about streams. Sees committed events only.</summary>
internal sealed class HeadQueries(NpgsqlDataSource lookUps, Partitions partitions)
{
    /// <summary>The ids of streams' events, each with its stream's place among those asked for, from 1.</summary>
    public static readonly string Ids = "SELECT placed.number, placed.event_id FROM " + Runs.Events(
        """unnest($1::text[]) WITH ORDINALITY AS wanted(stream, number) JOIN log.events r ON r.stream = wanted.stream COLLATE "C" """, "true", "wanted.number,") + " AS placed";

    /// <summary>The places of ids in a stretch of a stream, from the indexes alone.</summary>
    /// <remarks>
    /// The condition on ids is a look into a hash table in this form; as "= ANY" a plan that serves all parameters would
    /// compare each event with each id.
    /// </remarks>
    public static readonly string Places = Stretch("$3", "$4") + " WHERE placed.revision BETWEEN $3 AND $4 AND (placed.event_id IN (SELECT unnest($2::uuid[]))) IS TRUE";

    /// <summary>The ids and places of a stretch of a stream.</summary>
    public static readonly string PlacesOfStretch = Stretch("$2", "$3") + " WHERE placed.revision BETWEEN $2 AND $3";

    private const string AllOfTheLog = "log.events";

    /// <summary>
    /// The last revision of each stream that has events and, only where any stream has some, its metadata.
    /// </summary>
    public async Task<List<(string Stream, long Revision, byte[]? Metadata)>> HeadsAsync(string[] streams, bool withMetadata, CancellationToken cancellation)
    {
        List<(string, long, byte[]?)> found = new(streams.Length);
        await using var connection = await lookUps.OpenConnectionAsync(cancellation);
        // Most streams that the writer does not know are new, and need no look into the older parts of the log.
        foreach (var asked in streams.GroupBy(stream => TableOf(stream, withMetadata)))
        {
            await using var command = new NpgsqlCommand(withMetadata ? RevisionsAndMetadata(asked.Key) : Revisions(asked.Key), connection);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. asked], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            // Asked before each commit with a new stream, and planned anew it would take longer than the look-up itself.
            await command.PrepareAsync(cancellation);
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
                found.Add((rows.GetString(0), rows.GetInt64(1), rows.IsDBNull(2) ? null : rows.GetFieldValue<byte[]>(2)));
        }
        return found;
    }

    /// <summary>Adds all event ids of streams, from the index alone.</summary>
    public async Task LoadIdsAsync(IReadOnlyList<(string Stream, EventIdSet Ids)> streams, CancellationToken cancellation)
    {
        string[] names = [.. streams.Select(each => each.Stream)];
        // Some were entered as they were appended.
        bool[] isEmpty = [.. streams.Select(each => each.Ids.Count == 0)];
        await using var connection = await lookUps.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(Ids, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = names, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var (place, id) = ((int)rows.GetInt64(0) - 1, rows.GetGuid(1));
            if (isEmpty[place] || !streams[place].Ids.MayContain(id)) streams[place].Ids.Add(id);
        }
    }

    /// <summary>Where in a stretch of a stream the events with these ids lie, in no order.</summary>
    public Task<List<(Guid Id, EventPlace Place)>> PlacesAsync(string stream, Guid[] ids, long first, long last, CancellationToken cancellation) =>
        PlacesAsync(
            Places, cancellation, new NpgsqlParameter<string> { TypedValue = stream }, new NpgsqlParameter<Guid[]> { TypedValue = ids },
            new NpgsqlParameter<long> { TypedValue = first }, new NpgsqlParameter<long> { TypedValue = last });

    /// <summary>The ids and places of a stretch of a stream, in no order.</summary>
    public Task<List<(Guid Id, EventPlace Place)>> PlacesAsync(string stream, long fromRevision, int count, CancellationToken cancellation) =>
        PlacesAsync(
            PlacesOfStretch, cancellation, new NpgsqlParameter<string> { TypedValue = stream },
            new NpgsqlParameter<long> { TypedValue = fromRevision }, new NpgsqlParameter<long> { TypedValue = Last(fromRevision, count) });

    private async Task<List<(Guid, EventPlace)>> PlacesAsync(string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var connection = await lookUps.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, EventPlace)> found = [];
        while (await rows.ReadAsync(cancellation)) found.Add((rows.GetGuid(0), new EventPlace(rows.GetInt64(1), rows.GetInt64(2))));
        return found;
    }

    // Revisions go up to the largest number that there is: a tombstone has it.
    private static long Last(long first, int count) => count - 1 > long.MaxValue - first ? long.MaxValue : first + count - 1;

    private string TableOf(string stream, bool withMetadata) =>
        partitions.TableOfNew(stream) is { } table && (!withMetadata || partitions.TableOfNew(SystemStreams.MetadataOf(stream)) is not null)
            ? table
            : AllOfTheLog;

    /// <summary>The last revisions of streams in a table.</summary>
    public static string Revisions(string table) =>
        $"""
        SELECT wanted.stream, head.revision, NULL::bytea
        FROM unnest($1::text[]) AS wanted(stream)
        CROSS JOIN LATERAL {Runs.Last(table, "wanted.stream")} AS head
        """;

    /// <summary>The last revisions of streams in a table, and their newest metadata there.</summary>
    public static string RevisionsAndMetadata(string table) =>
        $"""
        SELECT wanted.stream, coalesce(head.revision, -1), metadata.data
        FROM unnest($1::text[]) AS wanted(stream)
        LEFT JOIN LATERAL {Runs.Last(table, "wanted.stream")} AS head ON true
        LEFT JOIN LATERAL {Runs.Last(table, "('$$' || wanted.stream)")} AS newest ON true
        LEFT JOIN {table} metadata ON metadata.position = newest.position
        """;

    // The events of all runs of a stream that reach into a stretch of revisions.
    private static string Stretch(string first, string last) =>
        $"""
        SELECT placed.event_id, placed.revision, placed.position
        FROM {Runs.Events("log.events r", $"r.stream = $1 AND r.revision >= {Runs.Start("$1", first)} AND r.revision <= {last}")} AS placed
        """;
}
