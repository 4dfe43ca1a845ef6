using System.Data;
using EventFeatures.Log.EmbeddedNode.Writing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// The one session that may write. Its lock lives and dies with it, so a new session's lock proves that every
/// commit of the old one has landed or never will.
/// </summary>
internal sealed class WriterSession : IAsyncDisposable
{
    /// <summary>Where the log ends, and whether any stream has metadata.</summary>
    /// <remarks>Names of metadata streams start with "$$", and "%" is the character after "$".</remarks>
    public const string Ends =
        """
        SELECT (SELECT coalesce(max(position), 0) FROM log.events),
               (SELECT min(stream) FROM log.events WHERE run > 0 AND stream >= '$$' AND stream < '$%') IS NOT NULL
        """;

    private readonly NpgsqlConnection _connection;
    private readonly Partitions _partitions;
    private readonly TimeSpan _commitDeadline;

    private WriterSession(NpgsqlConnection connection, Partitions partitions, long head, bool hasMetadata, TimeSpan commitDeadline)
    {
        _connection = connection;
        _partitions = partitions;
        Head = head;
        HasMetadata = hasMetadata;
        _commitDeadline = commitDeadline;
    }

    /// <summary>The last position in the table when the session began; 0 when it is empty.</summary>
    public long Head { get; }

    /// <summary>Whether any stream had metadata when the session began.</summary>
    public bool HasMetadata { get; }

    /// <summary>Opens the session, takes the lock and reads where the log ends.</summary>
    /// <exception cref="NodeAlreadyRunningException">Another node holds the lock past the deadline.</exception>
    /// <exception cref="LogLayoutException">A later version laid the log out, or the database cannot hold every text.</exception>
    public static async Task<WriterSession> OpenAsync(
        NpgsqlDataSource source, EmbeddedNodeOptions options, Partitions partitions, ILogger logger, CancellationToken cancellation)
    {
        var connection = source.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellation);
            await LockAsync(connection, options.TakeoverDeadline, cancellation);
            await CheckServerAsync(connection, logger, cancellation);
            await LogSchema.EnsureAsync(connection, options.PartitionEvents, logger, cancellation);
            await partitions.LoadAsync(connection, cancellation);
            await using var head = new NpgsqlCommand(Ends, connection);
            await using var row = await head.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            return new WriterSession(connection, partitions, row.GetInt64(0), row.GetBoolean(1), options.AppendDeadline);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the batch's rows in one COPY, which is one transaction, and returns once it is durable.</summary>
    /// <param name="batch">What is written.</param>
    /// <param name="sent">Completed once all rows are on their way to PostgreSQL, if it comes to that.</param>
    public async Task CommitAsync(CommitBatch batch, TaskCompletionSource sent)
    {
        var last = batch.Written[^1].Events[^1].Position;
        if (last >= _partitions.Past) await _partitions.ReachAsync(_connection, last, CancellationToken.None);
        using var late = new CancellationTokenSource(_commitDeadline);
        var copy = await _connection.BeginRawBinaryCopyAsync(EventRow.Copy, late.Token);
        copy.ReadTimeout = copy.WriteTimeout = (int)_commitDeadline.TotalMilliseconds;
        try
        {
            await copy.WriteAsync(EventRow.Header);
            foreach (var request in batch.Written) await copy.WriteAsync(request.Rows);
            await copy.WriteAsync(EventRow.Trailer);
        }
        catch
        {
            // Without this, disposing would commit the rows that were sent.
            await copy.CancelAsync();
            throw;
        }
        var ended = copy.DisposeAsync();
        sent.SetResult();
        await ended;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task CheckServerAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellation)
    {
        await using var settings = new NpgsqlCommand("SELECT current_setting('server_encoding'), current_setting('fsync')", connection);
        await using var row = await settings.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        if (row.GetString(0) is var encoding and not ("UTF8" or "SQL_ASCII"))
            throw new LogLayoutException($"Database '{connection.Database}' stores text as {encoding}, which cannot hold every stream's name. Create it with ENCODING 'UTF8'.");
        if (row.GetString(1) == "off") logger.FsyncOff();
    }

    private static async Task LockAsync(NpgsqlConnection connection, TimeSpan deadline, CancellationToken cancellation)
    {
        // Zero would wait for ever.
        var milliseconds = Math.Max(1, (long)deadline.TotalMilliseconds);
        await using var take = new NpgsqlCommand(
            FormattableString.Invariant($"SET lock_timeout = {milliseconds}; SELECT pg_advisory_lock({LogSchema.WriterLock}); SET lock_timeout = 0"),
            connection)
        {
            CommandTimeout = (int)Math.Ceiling(deadline.TotalSeconds) + 10,
        };
        try
        {
            await take.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new NodeAlreadyRunningException(
                FormattableString.Invariant($"Another embedded node writes to database '{connection.Database}' of {connection.Host}:{connection.Port} ({await HolderAsync(connection, cancellation)}) and did not leave within {deadline.TotalSeconds:0.#} s. Stop it, or give this node a database of its own."));
        }
    }

    private static async Task<string> HolderAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand(
            """
            SELECT format('%s, server process %s, since %s', a.application_name, a.pid, a.backend_start)
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
            """,
            connection);
        query.Parameters.Add(new NpgsqlParameter { Value = LogSchema.WriterLock, DbType = DbType.Int64 });
        return await query.ExecuteScalarAsync(cancellation) as string ?? "gone by now";
    }
}
