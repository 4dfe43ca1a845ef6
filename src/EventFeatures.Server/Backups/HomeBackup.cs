using EventFeatures.Core.Models;
using EventFeatures.Inference.Scoring;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Server.Hosting;
using EventFeatures.Server.PostgresCluster;
using Npgsql;

namespace EventFeatures.Server.Backups;

/// <summary>
/// Saves what a home folder cannot get back from anywhere else, the log and the models' bytes, and brings it back.
/// Everything besides, views and training sets, is derived from these.
/// </summary>
public static class HomeBackup
{
    private const string Models = "models";

    /// <summary>Brings a backup folder up to now. The server may run meanwhile.</summary>
    /// <param name="options">The home folder and, where it is not a private cluster, the database.</param>
    /// <param name="isRunning">Whether a server runs on the home folder; if not, its database is started for as long as this takes.</param>
    /// <param name="folder">An empty folder, or an earlier backup, to which only what is new is added.</param>
    /// <param name="progress">Told after each file of the log.</param>
    /// <param name="cancellation">Ends it; what was saved stays and counts.</param>
    /// <exception cref="BackupException">The folder or the log cannot be used; the message says why.</exception>
    public static async Task<SavedHome> SaveAsync(
        HostOptions options, bool isRunning, string folder, IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default)
    {
        RefuseForeignLog(options);
        HomeSources.RefuseForgotten(options, options.Home);
        await using var parts = new OwnedParts();
        var postgres = isRunning && options.Postgres is null
            ? new NpgsqlConnectionStringBuilder(PrivateCluster.ConnectionStringOf(Path.Combine(options.Home, "postgres"))) { Database = OwnedParts.Database }.ConnectionString
            : await parts.OpenDatabaseAsync(options, options.Home, cancellation);
        var manifest = await LogBackup.RunAsync(postgres, folder, progress, cancellation, stop => CopyModelsAsync(options.Home, folder, stop));
        return new SavedHome(manifest, manifest.Models!.Count);
    }

    /// <summary>Restores a backup into a home folder that has no log yet. No server may run on it.</summary>
    /// <exception cref="BackupException">The backup is missing, altered or incomplete, or the home folder has a log already.</exception>
    public static async Task<SavedHome> RestoreAsync(
        string folder, HostOptions options, IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default)
    {
        RefuseForeignLog(options);
        // Before anything is made: a mistyped folder should leave nothing behind.
        var verified = await VerifyAsync(folder, null, cancellation);
        await using var parts = new OwnedParts();
        var home = OwnedParts.MakeHome(options.Home);
        var postgres = await parts.OpenDatabaseAsync(options, home, cancellation);
        var restored = await LogRestore.RunAsync(folder, postgres, progress, cancellation, async stop =>
        {
            HomeSources.Remember(options, home);
            await CopyModelsAsync(folder, home, stop);
        });
        return verified with { Log = restored };
    }

    /// <summary>Checks that every file of a backup is there, and against its digest. Changes nothing.</summary>
    /// <exception cref="BackupException">The backup is missing, altered or incomplete.</exception>
    public static async Task<SavedHome> VerifyAsync(string folder, IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default)
    {
        var manifest = await LogRestore.VerifyAsync(folder, progress, cancellation);
        var models = StoreIn(folder);
        var found = models?.Digests() ?? [];
        if (manifest.Models?.Except(found, StringComparer.Ordinal).ToList() is [var missing, ..] all)
            throw new BackupException($"Model {missing} is missing from {Path.Combine(folder, Models)}{(all.Count > 1 ? $", and {all.Count - 1:N0} more" : "")}: what it predicted could not be replayed. Bring the file back, or use another backup.");
        foreach (var digest in found) await ReadAsync(models!, digest, cancellation);
        return new SavedHome(manifest, found.Count);
    }

    // The store checks digests on the way out and on the way in.
    private static async Task<IReadOnlyList<string>> CopyModelsAsync(string from, string to, CancellationToken cancellation)
    {
        var source = StoreIn(from);
        var target = new FileModelStore(Path.Combine(to, Models));
        foreach (var digest in (source?.Digests() ?? []).Except(target.Digests(), StringComparer.Ordinal))
            await target.PutAsync(await ReadAsync(source!, digest, cancellation), cancellation);
        return target.Digests();
    }

    /// <summary>The models of a folder that is only read; opening the store would make it.</summary>
    private static FileModelStore? StoreIn(string folder) =>
        Path.Combine(folder, Models) is var models && Directory.Exists(models) ? new FileModelStore(models) : null;

    private static async Task<byte[]> ReadAsync(FileModelStore store, string digest, CancellationToken cancellation)
    {
        try
        {
            return await store.GetAsync(digest, cancellation)
                ?? throw new BackupException($"Model {digest} vanished while it was read. Run the same command again.");
        }
        catch (ModelInvalidException damaged)
        {
            throw new BackupException(damaged.Message, damaged);
        }
    }

    private static void RefuseForeignLog(HostOptions options)
    {
        if (options.Log is not null)
            throw new BackupException("The log is a server of its own (EVENTFEATURES_LOG). Save and restore it by that server's own means; 'backup' and 'restore' are for the embedded node.");
    }
}

/// <summary>What a backup holds.</summary>
/// <param name="Log">The log's files and its recovery point.</param>
/// <param name="Models">How many models' bytes there are.</param>
public sealed record SavedHome(BackupManifest Log, int Models)
{
    /// <summary>Whether the backup lists its models, so that a missing one is noticed. Those of earlier versions do not.</summary>
    public bool ListsModels => Log.Models is not null;
}
