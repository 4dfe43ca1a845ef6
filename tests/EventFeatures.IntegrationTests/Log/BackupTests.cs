using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

public sealed class BackupTests : NodeTestBase, IDisposable
{
    private const string Rows = $"SELECT md5(string_agg(md5(({EventRow.Columns})::text), '' ORDER BY position)) FROM log.events WHERE position <= ";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "eventfeatures-backup-" + Guid.NewGuid().ToString("n"));

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_backup_under_load_is_a_prefix_of_the_log_and_comes_back_bit_for_bit()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await AppendAsync(log, 200);
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await AppendAsync(log, 20);
        });

        var first = await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        var second = await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        await stop.CancelAsync();
        await load;

        first.Position.ShouldBeGreaterThanOrEqualTo(200);
        second.Position.ShouldBeGreaterThanOrEqualTo(first.Position);
        await using var restored = await TestDatabase.CreateAsync();
        (await LogRestore.RunAsync(_folder, restored.ConnectionString, cancellation: Late)).Events.ShouldBe(second.Position, "positions are dense, so none is missing");
        (await restored.ScalarAsync(Rows + second.Position)).ShouldBe(await Database.ScalarAsync(Rows + second.Position));
    }

    [Fact]
    public async Task A_node_goes_on_from_the_recovery_point_and_still_knows_a_retry()
    {
        var retried = Event();
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            await AppendAsync(log, 10);
            await log.AppendToStreamAsync("card-retried", StreamState.NoStream, [retried], Late);
        }
        await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        await using var restored = await TestDatabase.CreateAsync();
        await LogRestore.RunAsync(_folder, restored.ConnectionString, cancellation: Late);

        await using var again = await EmbeddedNode.StartAsync(Options with { Postgres = restored.ConnectionString }, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);

        (await client.AppendToStreamAsync("card-retried", StreamState.NoStream, [retried], Late)).Position.Value.ShouldBe(11ul);
        (await client.AppendToStreamAsync("card-retried", StreamState.StreamRevision(0), [Event()], Late)).Position.Value.ShouldBe(12ul);
    }

    [Fact]
    public async Task An_altered_file_is_named_and_nothing_is_restored()
    {
        await FillAsync();
        var manifest = await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        var file = Path.Combine(_folder, manifest.Segments[0].File);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await using var restored = await TestDatabase.CreateAsync();

        (await Should.ThrowAsync<BackupException>(() => LogRestore.RunAsync(_folder, restored.ConnectionString, cancellation: Late)))
            .Message.ShouldContain($"{file} was altered");

        (await restored.ScalarAsync("SELECT to_regclass('log.events') IS NULL")).ShouldBe(true);
    }

    [Fact]
    public async Task A_missing_file_is_named_with_the_events_that_are_gone()
    {
        await FillAsync();
        var manifest = await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        File.Delete(Path.Combine(_folder, manifest.Segments[0].File));

        (await Should.ThrowAsync<BackupException>(() => LogRestore.VerifyAsync(_folder, cancellation: Late)))
            .Message.ShouldContain("from position 1 to 10");
    }

    [Fact]
    public async Task A_backup_never_goes_over_an_existing_log_or_under_a_running_node()
    {
        await FillAsync();
        await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);

        (await Should.ThrowAsync<BackupException>(() => LogRestore.RunAsync(_folder, Database.ConnectionString, cancellation: Late)))
            .Message.ShouldContain("has a log of 10 events already");

        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await Should.ThrowAsync<NodeAlreadyRunningException>(() => LogRestore.RunAsync(_folder, Database.ConnectionString, cancellation: Late));
    }

    [Fact]
    public async Task A_log_of_an_older_layout_that_a_restore_is_refused_on_stays_as_it_is()
    {
        await FillAsync();
        await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        await using var older = await TestDatabase.CreateAsync();
        await older.ScalarAsync(FirstLayout.Sql);
        await older.ScalarAsync(FirstLayout.Fill(30));

        (await Should.ThrowAsync<BackupException>(() => LogRestore.RunAsync(_folder, older.ConnectionString, cancellation: Late)))
            .Message.ShouldContain("has a log of 30 events already");

        (await older.ScalarAsync("SELECT to_regclass('log.layout') IS NULL")).ShouldBe(true);
    }

    [Fact]
    public async Task The_backup_of_another_log_is_not_added_to()
    {
        await FillAsync();
        await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        await using var other = await TestDatabase.CreateAsync();
        await using var node = await EmbeddedNode.StartAsync(Options with { Postgres = other.ConnectionString }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await AppendAsync(log, 30);

        (await Should.ThrowAsync<BackupException>(() => LogBackup.RunAsync(other.ConnectionString, _folder, cancellation: Late)))
            .Message.ShouldContain("holds the backup of another log");
    }

    [Fact]
    public async Task A_folder_with_other_things_and_a_database_without_a_log_are_refused()
    {
        Directory.CreateDirectory(_folder);
        (await Should.ThrowAsync<BackupException>(() => LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late))).Message.ShouldContain("holds no log");
        await File.WriteAllTextAsync(Path.Combine(_folder, "letter.txt"), "dear");

        (await Should.ThrowAsync<BackupException>(() => LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late))).Message.ShouldContain("letter.txt");
        (await Should.ThrowAsync<BackupException>(() => LogRestore.VerifyAsync(_folder, cancellation: Late))).Message.ShouldContain("there is no manifest");
    }

    [Fact]
    public async Task A_first_backup_that_was_cut_off_is_gone_on_with()
    {
        await FillAsync(events: 12, bytes: 800_000);
        var (link, postgres) = Linked();
        await using var _ = link;
        link.Delay = TimeSpan.FromMilliseconds(100);
        using var stop = new CancellationTokenSource();
        var cut = LogBackup.RunAsync(postgres, _folder, cancellation: stop.Token);
        await Eventually.TrueAsync(() => Task.FromResult(Unfinished().Any(file => new FileInfo(file).Length > 0)), TimeSpan.FromSeconds(60), () => "Nothing was written.");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cut);

        (await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late)).Events.ShouldBe(12);

        Unfinished().ShouldBeEmpty();
        (await LogRestore.VerifyAsync(_folder, cancellation: Late)).Events.ShouldBe(12);
    }

    [Fact]
    public async Task What_an_unfinished_backup_left_is_removed_and_what_another_one_writes_is_not()
    {
        await FillAsync();
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "manifest.json.new"), "{");
        await using (File.Create(Path.Combine(_folder, "events-000000000000001-000000000000003.copy.part")))
            (await Should.ThrowAsync<BackupException>(() => LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late))).Message.ShouldContain("no other backup");

        (await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late)).Events.ShouldBe(10);

        Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["events-000000000000001-000000000000010.copy", "manifest.json"]);
    }

    [Fact]
    public async Task An_interrupted_restore_leaves_nothing()
    {
        await FillAsync();
        await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        await using var restored = await TestDatabase.CreateAsync();
        using var stop = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(() => LogRestore.RunAsync(_folder, restored.ConnectionString, new Stopping(stop), stop.Token));

        (await restored.ScalarAsync("SELECT count(*) FROM log.events")).ShouldBe(0L);
        (await LogRestore.RunAsync(_folder, restored.ConnectionString, cancellation: Late)).Events.ShouldBe(10);
    }

    private IEnumerable<string> Unfinished() => Directory.Exists(_folder) ? Directory.GetFiles(_folder, "*.part") : [];

    private async Task FillAsync(int events = 10, int bytes = 20)
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        if (bytes == 20) await AppendAsync(log, events);
        else
            for (var index = 0; index < events; index++)
                await log.AppendToStreamAsync("card-large", StreamState.Any, [Event(bytes)], Late);
    }

    private async Task AppendAsync(EventStoreLog log, int events)
    {
        for (var index = 0; index < events; index += 5)
            await log.AppendToStreamAsync($"card-{index % 7}", StreamState.Any, [.. Enumerable.Range(0, 5).Select(_ => Event())], Late);
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => stop.Cancel();
    }
}
