using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// One table holds the log. Its primary key gives sequential reads of the whole log; its second index gives streams,
/// heads and, since it carries the event ids, idempotence without touching the heap. The two tables of links are an
/// index that can be dropped and grows again.
/// </summary>
internal static class LogSchema
{
    /// <summary>The advisory lock that the one writer of a database holds: "eflog" in ASCII.</summary>
    public const long WriterLock = 0x65666C6F67;

    /// <summary>Longest stream name, so that an index entry always fits its page.</summary>
    public const int StreamNameBytesMax = 2048;

    private const string Sql =
        """
        CREATE SCHEMA IF NOT EXISTS log;
        CREATE TABLE IF NOT EXISTS log.events (
            position bigint NOT NULL,
            revision bigint NOT NULL,
            created timestamptz NOT NULL,
            event_id uuid NOT NULL,
            is_json boolean NOT NULL,
            stream text COLLATE "C" NOT NULL,
            type text COLLATE "C" NOT NULL,
            data bytea NOT NULL,
            metadata bytea NOT NULL,
            CONSTRAINT events_position PRIMARY KEY (position),
            CONSTRAINT events_stream_revision UNIQUE (stream, revision) INCLUDE (event_id)
        );
        CREATE TABLE IF NOT EXISTS log.links (
            link text COLLATE "C" PRIMARY KEY,
            through bigint NOT NULL,
            count bigint NOT NULL
        );
        CREATE TABLE IF NOT EXISTS log.link_chunks (
            link text COLLATE "C" NOT NULL,
            chunk bigint NOT NULL,
            positions bigint[] NOT NULL,
            PRIMARY KEY (link, chunk)
        );
        ALTER TABLE log.events ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN metadata SET STORAGE EXTERNAL;
        """;

    /// <summary>Creates what is missing. Only the holder of <see cref="WriterLock"/> calls it.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var complete = new NpgsqlCommand("SELECT to_regclass('log.events') IS NOT NULL AND to_regclass('log.link_chunks') IS NOT NULL", connection);
        if (await complete.ExecuteScalarAsync(cancellation) is true) return;
        await using var create = new NpgsqlCommand(Sql, connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Whether the database holds a log, be it an empty one.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('log.events') IS NOT NULL", connection);
        return await exists.ExecuteScalarAsync(cancellation) is true;
    }
}
