using EventFeatures.Log.EmbeddedNode.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Backup;

/// <summary>
/// Brings a backup back into a database without a log: every event with its position, revision, time and bytes, in one
/// transaction. Views are not in a backup, since they are rebuilt from the log.
/// </summary>
public static class LogRestore
{
    /// <summary>Checks that every file of a backup is there, whole and unaltered, without restoring anything.</summary>
    /// <exception cref="BackupException">The folder holds no backup, or one that cannot be used.</exception>
    public static async Task<BackupManifest> VerifyAsync(
        string folder, IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default)
    {
        var manifest = await BackupManifest.ReadAsync(folder, cancellation)
            ?? throw new BackupException($"{folder} holds no backup: there is no manifest. Name a folder that 'backup' wrote.");
        var position = 0L;
        var done = 0L;
        foreach (var segment in manifest.Segments)
        {
            if (segment.FromPosition <= position || segment.ToPosition < segment.FromPosition)
                throw new BackupException($"The manifest of {folder} is out of order: a file from position {segment.FromPosition} to {segment.ToPosition} follows position {position}. Use an unaltered backup.");
            await HashedFile.VerifyAsync(folder, segment, cancellation);
            position = segment.ToPosition;
            progress?.Report(new BackupProgress(done += segment.Events, manifest.Events));
        }
        return manifest;
    }

    /// <summary>Verifies a backup and restores it.</summary>
    /// <param name="folder">A folder that <see cref="LogBackup"/> wrote.</param>
    /// <param name="postgres">A database that holds no events yet.</param>
    /// <param name="progress">Told after each file.</param>
    /// <param name="cancellation">Ends it; nothing is restored then.</param>
    /// <param name="before">What is to be done before anything is restored, once it is clear that the database has no log and no node.</param>
    /// <exception cref="BackupException">The backup cannot be used, or the database has a log already.</exception>
    /// <exception cref="NodeAlreadyRunningException">A node runs on the database.</exception>
    public static async Task<BackupManifest> RunAsync(
        string folder, string postgres, IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default,
        Func<CancellationToken, Task>? before = null)
    {
        var manifest = await VerifyAsync(folder, null, cancellation);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(cancellation);
        await TakeLockAsync(connection, cancellation);
        // Of whatever layout, a log that is there stays as it is.
        if (await LogSchema.ExistsAsync(connection, cancellation) && await CountAsync(connection, cancellation) is var there and > 0)
            throw new BackupException($"Database '{connection.Database}' has a log of {there:N0} events already; a backup is restored only where there is none. Name a new home folder or an empty database.");
        if (before is not null) await before(cancellation);
        await LogSchema.EnsureAsync(connection, EmbeddedNodeOptions.DefaultPartitionEvents, NullLogger.Instance, cancellation);
        var partitions = new Partitions(EmbeddedNodeOptions.DefaultPartitionEvents);
        await partitions.LoadAsync(connection, cancellation);
        await partitions.ReachAsync(connection, manifest.Position, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var done = 0L;
        foreach (var segment in manifest.Segments)
        {
            await CopyAsync(connection, folder, segment, cancellation);
            progress?.Report(new BackupProgress(done += segment.Events, manifest.Events));
        }
        if (await CountAsync(connection, cancellation) is var restored && restored != manifest.Events)
            throw new BackupException($"The files of {folder} hold {restored:N0} events and the manifest says {manifest.Events:N0}; nothing was restored. Use another copy of the backup.");
        await transaction.CommitAsync(cancellation);
        return manifest;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, string folder, BackupSegment segment, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(HashedFile.PathOf(folder, segment));
        await using var rows = await connection.BeginRawBinaryCopyAsync($"COPY log.events ({EventRow.Columns}) FROM STDIN (FORMAT BINARY)", cancellation);
        try
        {
            await HashedFile.CopyAsync(file, rows, cancellation);
        }
        catch
        {
            // Without this, disposing would complete the copy of the rows that were sent.
            await rows.CancelAsync();
            throw;
        }
    }

    private static async Task TakeLockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = LogSchema.WriterLock } } };
        if (await take.ExecuteScalarAsync(cancellation) is not true)
            throw new NodeAlreadyRunningException($"A node runs on database '{connection.Database}'; a backup is restored only where none runs. Stop it, or name a new home folder or an empty database.");
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var count = new NpgsqlCommand("SELECT count(*) FROM log.events", connection);
        return (long)(await count.ExecuteScalarAsync(cancellation))!;
    }
}
