using System.Data;
using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Backup;

/// <summary>
/// Copies the log into a folder of files while the node runs. Since one writer commits in the order of positions, any
/// snapshot of the table is a prefix of the log: the backup holds every event up to its recovery point and none past
/// it. A second backup into the same folder adds only what came since.
/// </summary>
public static class LogBackup
{
    /// <summary>How many events a file holds at most, so that a cut-off backup resumes near where it was.</summary>
    private const int SegmentEventsMax = 1_000_000;

    /// <summary>Brings the folder's backup up to the log's head of now.</summary>
    /// <param name="postgres">The database of the embedded node.</param>
    /// <param name="folder">An empty folder, or one that holds an earlier backup of the same log. Made when missing.</param>
    /// <param name="progress">Told after each file.</param>
    /// <param name="cancellation">Ends it; the files that were completed stay and count.</param>
    /// <param name="models">
    /// Saves the models that are new and gives the digests of all in the folder. Called after events are copied and before
    /// the manifest names them: a model was stored before the events that name it, so that no state of the folder has an
    /// event without its model. <see langword="null"/> to save the log alone.
    /// </param>
    /// <exception cref="BackupException">The folder holds something else, or the log of another node.</exception>
    public static async Task<BackupManifest> RunAsync(
        string postgres, string folder, IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default,
        Func<CancellationToken, Task<IReadOnlyList<string>>>? models = null)
    {
        Make(folder);
        var manifest = await BackupManifest.ReadAsync(folder, cancellation) ?? Begin(folder);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(cancellation);
        if (!await LogSchema.ExistsAsync(connection, cancellation))
            throw new BackupException($"Database '{connection.Database}' holds no log. Start the server on it once, or name the home folder that has the log.");
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        // Before the snapshot is taken, which the first query does: a part of the log that a scavenge put in place after
        // it would look empty.
        await ScalarAsync(connection, "LOCK TABLE log.events IN ACCESS SHARE MODE", cancellation);
        await SameLogAsync(connection, folder, manifest, cancellation);
        LeftBehind.Remove(folder);
        // Before the first file, so that a folder whose first backup was cut off is known as one.
        if (manifest == BackupManifest.Empty) await (manifest with { Models = models is null ? null : [] }).WriteAsync(folder, cancellation);
        var head = (long)(await ScalarAsync(connection, "SELECT coalesce(max(position), 0) FROM log.events", cancellation))!;
        var total = head - manifest.Position;
        var begun = manifest.Position;
        while (manifest.Position < head)
        {
            var segment = await CopyAsync(connection, folder, manifest.Position, cancellation);
            manifest = await WriteAsync(folder, manifest, [.. manifest.Segments, segment], models, cancellation);
            progress?.Report(new BackupProgress(manifest.Position - begun, total));
        }
        return total == 0 ? await WriteAsync(folder, manifest, manifest.Segments, models, cancellation) : manifest;
    }

    private static async Task<BackupManifest> WriteAsync(
        string folder, BackupManifest before, IReadOnlyList<BackupSegment> segments, Func<CancellationToken, Task<IReadOnlyList<string>>>? models, CancellationToken cancellation)
    {
        var saved = models is null ? [] : await models(cancellation);
        // One that was listed before and is gone stays listed, so that whoever checks the backup hears of it.
        var listed = models is null ? before.Models : [.. saved.Union(before.Models ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var manifest = new BackupManifest(BackupManifest.CurrentFormat, segments, listed);
        await manifest.WriteAsync(folder, cancellation);
        return manifest;
    }

    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"The folder {folder} cannot be made: {refused.Message} Name another.", refused);
        }
    }

    private static BackupManifest Begin(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Except(LeftBehind.In(folder), StringComparer.Ordinal).FirstOrDefault() is { } other
            ? throw new BackupException($"{folder} holds other things ({Path.GetFileName(other)}) and no backup. Name an empty folder, or one that 'backup' wrote.")
            : BackupManifest.Empty;

    private static async Task SameLogAsync(NpgsqlConnection connection, string folder, BackupManifest manifest, CancellationToken cancellation)
    {
        if (manifest.Segments is not [.., var last]) return;
        var found = await ScalarAsync(connection, "SELECT event_id FROM log.events WHERE position = $1", cancellation, last.ToPosition);
        if (found is not Guid id || id != last.LastEventId)
            throw new BackupException($"{folder} holds the backup of another log: at position {last.ToPosition} it has event {last.LastEventId}, and this log has {(found is Guid other ? $"event {other}" : "none")}. Name another folder.");
    }

    private static async Task<BackupSegment> CopyAsync(NpgsqlConnection connection, string folder, long after, CancellationToken cancellation)
    {
        await using var bounds = new NpgsqlCommand(
            """
            WITH segment AS (SELECT position, event_id, created FROM log.events WHERE position > $1 ORDER BY position LIMIT $2)
            SELECT min(position), max(position), count(*), (array_agg(event_id ORDER BY position DESC))[1], max(created) FROM segment
            """,
            connection) { Parameters = { new() { Value = after }, new() { Value = SegmentEventsMax } } };
        long from, to, events;
        Guid lastId;
        DateTime lastCreated;
        await using (var row = await bounds.ExecuteReaderAsync(cancellation))
        {
            await row.ReadAsync(cancellation);
            (from, to, events, lastId, lastCreated) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetGuid(3), row.GetDateTime(4));
        }
        var name = FormattableString.Invariant($"events-{from:D15}-{to:D15}.copy");
        var path = Path.Combine(folder, name);
        var (bytes, digest) = await WriteAsync(connection, path + LeftBehind.Unfinished, from, to, cancellation);
        File.Move(path + LeftBehind.Unfinished, path, overwrite: true);
        return new BackupSegment(name, from, to, events, lastId, new DateTimeOffset(lastCreated), bytes, digest);
    }

    private static async Task<(long Bytes, string Sha256)> WriteAsync(NpgsqlConnection connection, string path, long from, long to, CancellationToken cancellation)
    {
        // COPY takes no parameters; these are numbers of our own.
        var copy = FormattableString.Invariant($"COPY (SELECT {EventRow.Columns} FROM log.events WHERE position BETWEEN {from} AND {to} ORDER BY position) TO STDOUT (FORMAT BINARY)");
        await using var rows = await connection.BeginRawBinaryCopyAsync(copy, cancellation);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var written = await HashedFile.CopyAsync(rows, file, cancellation);
        file.Flush(flushToDisk: true);
        return written;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params long[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync(cancellation);
    }
}
