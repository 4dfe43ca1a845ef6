using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Server.Backups;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>backup</c> and <c>restore</c>: the log and the models, to a folder and back.</summary>
internal static class BackupVerbs
{
    public static Command Backup()
    {
        var to = new Option<string>("--to") { Description = "The backup's folder: a new one, or an earlier backup, to which what is new is added.", HelpName = "DIR", Required = true };
        return new Command("backup", "Save the log and the models to a folder, while the server runs or not. Views need no backup: they are rebuilt from the log.") { to }
            .Does(async (invocation, cancellation) =>
            {
                RequireData(invocation);
                using var free = HomeLock.TryTake(invocation.Home);
                var folder = invocation.FolderOf(to);
                using var progress = new FileProgress(invocation, "backup");
                var saved = await HomeBackup.SaveAsync(LocalServer.OptionsFor(invocation.Home), free is null, folder, progress, cancellation).ConfigureAwait(false);
                Print(invocation, saved, folder, $"Saved to {folder}", $"{Invocation.CommandName} restore --from {folder} --home NEW");
            });
    }

    public static Command Restore()
    {
        var from = new Option<string>("--from") { Description = "A folder that 'backup' wrote.", HelpName = "DIR", Required = true };
        var verify = new Option<bool>("--verify") { Description = "Only check that every file is there and unaltered; restore nothing." };
        return new Command("restore", "Bring a backup back into a home folder that has no log yet; every event keeps its position.") { from, verify }
            .Does(async (invocation, cancellation) =>
            {
                var folder = invocation.FolderOf(from);
                if (!Directory.Exists(folder)) throw new UsageException($"There is no folder {folder}. Name one that 'backup' wrote.");
                if (invocation.Get(verify))
                {
                    using var checking = new FileProgress(invocation, "verify");
                    var verified = await HomeBackup.VerifyAsync(folder, checking, cancellation).ConfigureAwait(false);
                    Print(invocation, verified, folder, $"Every file of {folder} is there and unaltered", $"{Invocation.CommandName} restore --from {folder} --home NEW");
                    return;
                }
                using var homeLock = HomeLock.TryTake(invocation.Home)
                    ?? throw new UsageException($"A server runs on {invocation.Home}. Stop it, or name a new folder with --home.");
                using var progress = new FileProgress(invocation, "restore");
                var restored = await HomeBackup.RestoreAsync(folder, LocalServer.OptionsFor(invocation.Home), progress, cancellation).ConfigureAwait(false);
                Print(invocation, restored, folder, $"Restored into {invocation.Home}", $"{Invocation.CommandName} up --home {invocation.Home}");
            });
    }

    private static void RequireData(Invocation invocation)
    {
        if (!Directory.Exists(Path.Combine(invocation.Home, "models")) && !Directory.Exists(Path.Combine(invocation.Home, "postgres")))
            throw new UsageException($"There is no data in {invocation.Home}. Name the home folder to save with --home.");
    }

    private static void Print(Invocation invocation, SavedHome saved, string folder, string done, string next)
    {
        var last = saved.Log.Segments.LastOrDefault();
        if (invocation.Json)
        {
            invocation.Out.WriteLine(JsonSerializer.Serialize(new { folder, events = saved.Log.Events, position = saved.Log.Position, recordedAt = last?.LastCreated, models = saved.Models, modelsListed = saved.ListsModels }));
            return;
        }
        invocation.Out.WriteLine($"{done}.");
        invocation.Out.WriteLine(last is null
            ? "recovery point  an empty log"
            : string.Create(CultureInfo.InvariantCulture, $"recovery point  {saved.Log.Events:N0} events, up to position {saved.Log.Position}, recorded {last.LastCreated.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}"));
        invocation.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"models          {saved.Models:N0}"));
        if (!saved.ListsModels)
            invocation.Out.WriteLine("note            an earlier version wrote this backup and listed no models, so that a missing one is not noticed; the next 'backup' into the folder lists them");
        invocation.Out.WriteLine($"next            {next}");
    }

    private sealed class FileProgress(Invocation invocation, string what) : IProgress<BackupProgress>, IDisposable
    {
        private readonly Output.ProgressLine _line = invocation.Progress(what);

        public void Report(BackupProgress value) => _line.Report(value.Done, value.Total, "events");

        public void Dispose() => _line.Dispose();
    }
}
