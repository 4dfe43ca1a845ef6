using EventFeatures.Log.EmbeddedNode.Reading;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Links;

/// <summary>
/// Numbers the links of link streams. Nothing is indexed until somebody reads a link stream; then the index of that
/// one is brought up to the log's end, in steps, and kept. So appends cost nothing for it, and a link keeps its
/// revision, since positions never change.
/// </summary>
internal sealed class LinkIndex(NpgsqlDataSource readers, LogTail tail)
{
    private const int ChunkLinks = 512;
    private const int StepPositions = 50_000;

    // One at a time brings a stream's index up; a stripe is shared by few streams.
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>How many links a stream has, and the position up to which they are counted: at least the log's end at the time of the call.</summary>
    public async Task<(long Count, long Through)> CatchUpAsync(LinkStream stream, CancellationToken cancellation)
    {
        var stripe = _stripes[(uint)stream.Name.GetHashCode(StringComparison.Ordinal) % _stripes.Length];
        await stripe.WaitAsync(cancellation);
        try
        {
            var head = tail.Head;
            await using var connection = await readers.OpenConnectionAsync(cancellation);
            var (count, through) = await StateAsync(connection, stream.Name, cancellation);
            while (through < head) (count, through) = await StepAsync(connection, stream, head, cancellation);
            return (count, through);
        }
        finally
        {
            stripe.Release();
        }
    }

    /// <summary>The positions of a stretch of links that <see cref="CatchUpAsync"/> has counted, oldest first.</summary>
    public async Task<List<long>> PositionsAsync(LinkStream stream, long fromRevision, int count, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand("SELECT chunk, positions FROM log.link_chunks WHERE link = $1 AND chunk BETWEEN $2 AND $3 ORDER BY chunk", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = fromRevision / ChunkLinks });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = (fromRevision + count - 1) / ChunkLinks });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        List<long> found = new(count);
        while (await rows.ReadAsync(cancellation))
        {
            var first = rows.GetInt64(0) * ChunkLinks;
            var positions = rows.GetFieldValue<long[]>(1);
            var skipped = (int)Math.Max(0, fromRevision - first);
            for (var i = skipped; i < positions.Length && found.Count < count; i++) found.Add(positions[i]);
        }
        return found;
    }

    private static async Task<(long Count, long Through)> StateAsync(NpgsqlConnection connection, string link, CancellationToken cancellation)
    {
        // The first read of a stream makes its state; later ones find it.
        await using var command = new NpgsqlCommand(
            """
            WITH made AS (INSERT INTO log.links (link, through, count) VALUES ($1, 0, 0) ON CONFLICT (link) DO NOTHING RETURNING count, through)
            SELECT count, through FROM made UNION ALL SELECT count, through FROM log.links WHERE link = $1 LIMIT 1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = link });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
    }

    // One statement, so that count, position and chunks always agree, whenever it is cut short.
    private static async Task<(long Count, long Through)> StepAsync(NpgsqlConnection connection, LinkStream stream, long head, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Statement(stream.Condition), connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = head });
        foreach (var argument in stream.Arguments) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = argument });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (await row.ReadAsync(cancellation)) return (row.GetInt64(0), row.GetInt64(1));
        throw new InvalidOperationException($"The index of '{stream.Name}' gave no state.");
    }

    private static string Statement(string condition) => FormattableString.Invariant(
        $"""
        WITH state AS (SELECT through, count FROM log.links WHERE link = $1 FOR UPDATE),
        found AS (
            SELECT e.position, state.count + row_number() OVER (ORDER BY e.position) - 1 AS revision
            FROM state, log.events e
            WHERE e.position > state.through AND e.position <= least($2, state.through + {StepPositions}) AND {condition}),
        chunks AS (
            INSERT INTO log.link_chunks AS kept (link, chunk, positions)
            SELECT $1, revision / {ChunkLinks}, array_agg(position ORDER BY position) FROM found GROUP BY revision / {ChunkLinks}
            ON CONFLICT (link, chunk) DO UPDATE SET positions = kept.positions || EXCLUDED.positions)
        UPDATE log.links
        SET count = links.count + (SELECT count(*) FROM found), through = greatest(links.through, least($2, links.through + {StepPositions}))
        WHERE link = $1
        RETURNING count, through
        """);
}
