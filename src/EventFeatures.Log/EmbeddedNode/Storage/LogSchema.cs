using EventFeatures.Log.Protocol;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// The log is one table, partitioned by position. In each partition the primary key gives sequential reads, a second
/// index gives streams and heads by their <see cref="Runs"/>, and both carry event ids, which gives idempotence without
/// touching the heap; a third one names the streams that were closed there. An event whose data is null was removed by a scavenge: only its place,
/// its name and its id are left. The two tables of links are an index that can be dropped and grows again.
/// </summary>
/// <remarks>
/// A unique index of a partitioned table must hold the partition key, so (stream, revision) is unique in each partition
/// alone, and only for the events that start a run. Across partitions the primary key stands in: a writer that knew less than all of the log would propose a
/// position that is taken.
/// </remarks>
internal static class LogSchema
{
    /// <summary>The advisory lock that the one writer of a database holds: "eflog" in ASCII.</summary>
    public const long WriterLock = 0x65666C6F67;

    /// <summary>Longest stream name, so that an index entry always fits its page.</summary>
    public const int StreamNameBytesMax = 2048;

    /// <summary>How tables are laid out. 1 was a single table; 2 has partitions; 3 knows runs.</summary>
    private const int Layout = 3;

    // The same in the whole and in each part.
    private const string Columns =
        """
        position bigint NOT NULL,
        revision bigint NOT NULL,
        created timestamptz NOT NULL,
        event_id uuid NOT NULL,
        is_json boolean NOT NULL,
        stream text COLLATE "C" NOT NULL,
        type text COLLATE "C" NOT NULL,
        data bytea,
        metadata bytea,
        run integer NOT NULL DEFAULT 1
        """;

    private const string AddRun = "ADD COLUMN run integer NOT NULL DEFAULT 1";

    private const string Storage = "ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN metadata SET STORAGE EXTERNAL";

    private const string PrimaryKey = "PRIMARY KEY (position) INCLUDE (event_id)";
    private const string PrimaryKeyOfAll = $"CONSTRAINT events_position {PrimaryKey}";

    private const string Whole =
        $"""
        CREATE TABLE log.events ({Columns}, {PrimaryKeyOfAll}) PARTITION BY RANGE (position);
        ALTER TABLE log.events {Storage};
        CREATE TABLE log.partitions (first bigint PRIMARY KEY, past bigint NOT NULL, filter bytea);
        CREATE TABLE log.layout (version int NOT NULL);
        INSERT INTO log.layout VALUES (3);
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
        """;

    /// <summary>Creates what is missing, and turns an older layout into this one. Only the holder of <see cref="WriterLock"/> calls it.</summary>
    /// <exception cref="LogLayoutException">A later version laid the log out.</exception>
    public static async Task EnsureAsync(NpgsqlConnection connection, long partitionEvents, ILogger logger, CancellationToken cancellation)
    {
        await using var look = new NpgsqlCommand("SELECT to_regclass('log.layout') IS NOT NULL, to_regclass('log.events') IS NOT NULL", connection);
        bool hasLayout, hasEvents;
        await using (var row = await look.ExecuteReaderAsync(cancellation))
        {
            await row.ReadAsync(cancellation);
            (hasLayout, hasEvents) = (row.GetBoolean(0), row.GetBoolean(1));
        }
        if (hasLayout) await BringUpAsync(connection, partitionEvents, logger, cancellation);
        else if (hasEvents) await DivideAsync(connection, partitionEvents, logger, cancellation);
        else await CreateAsync(connection, partitionEvents, cancellation);
    }

    /// <summary>Whether the database holds a log, be it an empty one.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('log.events') IS NOT NULL", connection);
        return await exists.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>The statements that make a table for a stretch of positions, complete but for its indexes and not yet part of the log.</summary>
    public static string Table(string table) => $"CREATE TABLE {table} ({Columns}); ALTER TABLE {table} {Storage};";

    /// <summary>The statements that give such a table what every partition has.</summary>
    /// <param name="table">The table, with its schema.</param>
    /// <param name="name">What names of constraints start with.</param>
    public static string Indexes(string table, string name) => FormattableString.Invariant(
        $"""
        {IndexesOfRuns(table, name)}
        CREATE INDEX {name}_closed ON {table} (stream) WHERE revision = {WireNames.TombstoneRevision};
        """);

    private static string IndexesOfRuns(string table, string name) =>
        $"""
        ALTER TABLE {table} ADD CONSTRAINT {name}_position {PrimaryKey};
        CREATE UNIQUE INDEX {name}_stream_revision ON {table} (stream, revision) INCLUDE (event_id, position, run) WHERE run > 0;
        """;

    private static async Task CreateAsync(NpgsqlConnection connection, long partitionEvents, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, "CREATE SCHEMA IF NOT EXISTS log;" + Whole, cancellation);
        await new Partition(0, partitionEvents).AddAsync(connection, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // The single table of layout 1 becomes the first partition as it stands: nothing is copied. PostgreSQL reads it
    // once for its bounds and once for each index.
    private static async Task DivideAsync(NpgsqlConnection connection, long partitionEvents, ILogger logger, CancellationToken cancellation)
    {
        await using var last = new NpgsqlCommand("SELECT coalesce(max(position), 0) FROM log.events", connection);
        var head = (long)(await last.ExecuteScalarAsync(cancellation))!;
        var first = new Partition(0, (head / partitionEvents + 1) * partitionEvents);
        logger.DividingTheLog(head);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection,
            $"""
            ALTER TABLE log.events RENAME TO {first.Name};
            ALTER TABLE {first.Table} ALTER COLUMN data DROP NOT NULL, ALTER COLUMN metadata DROP NOT NULL;
            ALTER TABLE {first.Table} DROP CONSTRAINT events_position, DROP CONSTRAINT events_stream_revision, {AddRun};
            {Indexes(first.Table, first.Name)}
            {Whole}
            {first.Attach()}
            """, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task BringUpAsync(NpgsqlConnection connection, long partitionEvents, ILogger logger, CancellationToken cancellation)
    {
        await using var read = new NpgsqlCommand("SELECT max(version) FROM log.layout", connection);
        var version = await read.ExecuteScalarAsync(cancellation) as int? ?? Layout;
        if (version > Layout)
            throw new LogLayoutException(FormattableString.Invariant($"The log in database '{connection.Database}' has layout {version}, and this version knows layouts up to {Layout}. Start it with the version that wrote it, or a later one."));
        if (version < Layout) await IndexRunsAsync(connection, partitionEvents, logger, cancellation);
    }

    // Layout 2 had an entry for each event in its index of streams: there each event becomes a run of one. Nothing is
    // copied; PostgreSQL reads each part for its two new indexes.
    private static async Task IndexRunsAsync(NpgsqlConnection connection, long partitionEvents, ILogger logger, CancellationToken cancellation)
    {
        var partitions = new Partitions(partitionEvents);
        await partitions.LoadAsync(connection, cancellation);
        logger.IndexingTheLog(partitions.Past);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, $"ALTER TABLE log.events DROP CONSTRAINT events_position, {AddRun};", cancellation);
        foreach (var part in partitions.All)
            await RunAsync(connection,
                $"""
                ALTER TABLE {part.Table} DROP CONSTRAINT {part.Name}_stream_revision;
                {IndexesOfRuns(part.Table, part.Name)}
                """, cancellation);
        await RunAsync(connection, $"ALTER TABLE log.events ADD {PrimaryKeyOfAll}; UPDATE log.layout SET version = {Layout};", cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // However large the table, this ends; only its reader must not give up before.
    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
