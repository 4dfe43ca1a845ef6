using System.Text.Json.Nodes;
using EventFeatures.Core.Events;
using EventFeatures.Inference.Scoring;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Server;
using EventFeatures.Server.Backups;
using EventFeatures.Testing.Databases;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>The log and the models together: a backup holds every model that its events may name, or says so.</summary>
public sealed class HomeBackupTests : NodeTestBase, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-home-backup-").FullName;

    private string Home => Path.Combine(_folder, "home");

    private string Backup => Path.Combine(_folder, "backup");

    private FileModelStore Models => new(Path.Combine(Home, "models"));

    private HostOptions Host => new() { Home = Home, Postgres = Database.ConnectionString };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_model_that_is_missing_from_a_backup_is_named_and_nothing_is_restored()
    {
        await AppendAsync();
        var digest = await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        await Models.PutAsync(new byte[] { 4 }, Late);
        (await SaveAsync()).Models.ShouldBe(2);
        File.Delete(Path.Combine(Backup, "models", digest));

        (await Should.ThrowAsync<BackupException>(() => HomeBackup.VerifyAsync(Backup, cancellation: Late))).Message.ShouldContain(digest);
        await using var empty = await TestDatabase.CreateAsync();
        var fresh = new HostOptions { Home = Path.Combine(_folder, "new"), Postgres = empty.ConnectionString };
        (await Should.ThrowAsync<BackupException>(() => HomeBackup.RestoreAsync(Backup, fresh, cancellation: Late))).Message.ShouldContain(digest);
        Directory.Exists(fresh.Home).ShouldBeFalse();
    }

    [Fact]
    public async Task A_restore_that_is_refused_leaves_the_home_folder_as_it_was()
    {
        await AppendAsync();
        await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        await SaveAsync();
        var other = Host with { Home = Path.Combine(_folder, "other") };
        Directory.CreateDirectory(other.Home);

        (await Should.ThrowAsync<BackupException>(() => HomeBackup.RestoreAsync(Backup, other, cancellation: Late))).Message.ShouldContain("has a log of 1 events already");

        Directory.EnumerateFileSystemEntries(other.Home).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_backup_that_ends_while_models_are_copied_names_no_event_whose_model_it_lacks()
    {
        await AppendAsync();
        var first = await SaveAsync();
        await AppendAsync();
        await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        var models = Path.Combine(Backup, "models");
        Directory.Delete(models, recursive: true);
        await File.WriteAllTextAsync(models, "no folder, so that no model can be copied", Late);
        await Should.ThrowAsync<IOException>(SaveAsync);
        File.Delete(models);

        (await HomeBackup.VerifyAsync(Backup, cancellation: Late)).Log.Position.ShouldBe(first.Log.Position);

        (await SaveAsync()).Log.Position.ShouldBe(2);
        (await HomeBackup.VerifyAsync(Backup, cancellation: Late)).Models.ShouldBe(1);
    }

    [Fact]
    public async Task A_first_backup_that_was_cut_off_is_gone_on_with()
    {
        await AppendAsync();
        await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        var damaged = Path.Combine(Home, "models", new string('a', 64));
        await File.WriteAllTextAsync(damaged, "not what its name says", Late);
        (await Should.ThrowAsync<BackupException>(SaveAsync)).Message.ShouldContain("changed or damaged");
        (await HomeBackup.VerifyAsync(Backup, cancellation: Late)).Log.Position.ShouldBe(0);
        File.Delete(damaged);

        var saved = await SaveAsync();

        (saved.Log.Position, saved.Models).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_model_that_came_without_an_event_is_listed_too()
    {
        await AppendAsync();
        await SaveAsync();
        var digest = await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        await SaveAsync();
        File.Delete(Path.Combine(Backup, "models", digest));

        (await Should.ThrowAsync<BackupException>(() => HomeBackup.VerifyAsync(Backup, cancellation: Late))).Message.ShouldContain(digest);
    }

    [Fact]
    public async Task A_backup_of_an_earlier_version_is_still_good_until_the_next_one_lists_its_models()
    {
        await AppendAsync();
        await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        await SaveAsync();
        var path = Path.Combine(Backup, "manifest.json");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Late))!.AsObject();
        manifest["format"] = 2;
        manifest.Remove("models").ShouldBeTrue();
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Late);

        var earlier = await HomeBackup.VerifyAsync(Backup, cancellation: Late);

        (earlier.Models, earlier.ListsModels).ShouldBe((1, false));
        (await SaveAsync()).ListsModels.ShouldBeTrue();
    }

    [Fact]
    public async Task A_backup_is_checked_without_a_trace_and_comes_back_with_its_models()
    {
        await AppendAsync();
        await SaveAsync();
        Directory.Delete(Path.Combine(Backup, "models"));
        await HomeBackup.VerifyAsync(Backup, cancellation: Late);
        Directory.Exists(Path.Combine(Backup, "models")).ShouldBeFalse();

        var digest = await Models.PutAsync(new byte[] { 1, 2, 3 }, Late);
        await SaveAsync();
        await using var empty = await TestDatabase.CreateAsync();
        var fresh = new HostOptions { Home = Path.Combine(_folder, "new"), Postgres = empty.ConnectionString };
        await HomeBackup.RestoreAsync(Backup, fresh, cancellation: Late);

        new FileModelStore(Path.Combine(fresh.Home, "models")).Digests().ShouldBe([digest]);
    }

    private Task<SavedHome> SaveAsync() => HomeBackup.SaveAsync(Host, isRunning: false, Backup, cancellation: Late);

    private async Task AppendAsync()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late);
    }
}
