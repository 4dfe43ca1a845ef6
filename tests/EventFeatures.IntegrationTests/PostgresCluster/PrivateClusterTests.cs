using System.Diagnostics;
using System.Globalization;
using EventFeatures.Server.PostgresCluster;
using EventFeatures.Testing.Specs;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.PostgresCluster;

public sealed class PrivateClusterTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "ef-cluster-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task A_cluster_keeps_what_was_committed_over_a_restart()
    {
        await using (var first = await PrivateCluster.StartAsync(Options()))
            await ExecuteAsync(first, "create table kept (n int); insert into kept values (7)");
        await using var second = await PrivateCluster.StartAsync(Options());
        (await ExecuteAsync(second, "select n from kept")).ShouldBe(7);
    }

    [Fact]
    public async Task Two_clusters_run_side_by_side()
    {
        await using var one = await PrivateCluster.StartAsync(Options("one"));
        await using var two = await PrivateCluster.StartAsync(Options("two"));
        (await ExecuteAsync(one, "select 1")).ShouldBe(1);
        (await ExecuteAsync(two, "select 2")).ShouldBe(2);
    }

    [Fact]
    public async Task A_folder_that_an_interrupted_making_left_behind_is_made_anew()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "making"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "making", "half"), "of a cluster");
        await using var cluster = await PrivateCluster.StartAsync(Options());
        (await ExecuteAsync(cluster, "select 3")).ShouldBe(3);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_still_serves()
    {
        await using var cluster = await PrivateCluster.StartAsync(Options(new string('x', 100)));
        (await ExecuteAsync(cluster, "select 4")).ShouldBe(4);
    }

    [Theory]
    [InlineData("a;b")]
    [InlineData("a,b")]
    [InlineData("it's")]
    [InlineData("a b\"c")]
    public async Task A_path_of_signs_that_mean_something_to_the_database_serves(string folder)
    {
        await using var cluster = await PrivateCluster.StartAsync(Options(folder));
        (await ExecuteAsync(cluster, "select 5")).ShouldBe(5);
    }

    [Fact]
    public async Task A_server_that_is_killed_is_started_again_with_what_was_committed()
    {
        await using var cluster = await PrivateCluster.StartAsync(Options() with { KeepRunning = true });
        await ExecuteAsync(cluster, "create table kept (n int); insert into kept values (9)");

        var killed = ServerId();
        using (var server = Process.GetProcessById(killed)) server.Kill();

        await Eventually.TrueAsync(
            async () => await Answers(cluster) && ServerId() != killed, TimeSpan.FromSeconds(60), () => cluster.Fault ?? "The server runs and does not answer.");
        (await ExecuteAsync(cluster, "select n from kept")).ShouldBe(9);
    }

    [Fact]
    public async Task A_server_of_an_earlier_run_that_is_still_ending_is_waited_for()
    {
        await using var earlier = await PrivateCluster.StartAsync(Options());
        await ExecuteAsync(earlier, "create table kept (n int); insert into kept values (11)");
        // So many that whoever goes through the folder meets files that the ending server removes meanwhile.
        for (var file = 0; file < 10_000; file++) await File.WriteAllBytesAsync(Path.Combine(_folder, "data", $"ballast-{file}"), []);

        // As when the process that ran it was killed.
        using (var signal = Process.Start("kill", ["-INT", ServerId().ToString(CultureInfo.InvariantCulture)])) await signal.WaitForExitAsync();
        await using var cluster = await PrivateCluster.StartAsync(Options());

        (await ExecuteAsync(cluster, "select n from kept")).ShouldBe(11);
    }

    [Fact]
    public async Task A_disk_without_room_is_named_before_anything_is_written()
    {
        var error = await Should.ThrowAsync<PrivateClusterException>(
            PrivateCluster.StartAsync(Options() with { FreeDiskMegabytesMin = int.MaxValue }));
        error.Message.ShouldContain("MiB free");
        error.Message.ShouldContain("--home");
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private PrivateClusterOptions Options(string name = "") =>
        new() { Folder = Path.Combine(_folder, name), SharedBuffersMegabytes = 16, ConnectionsMax = 20 };

    private int ServerId() => int.Parse(File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static async Task<bool> Answers(PrivateCluster cluster)
    {
        try
        {
            return await ExecuteAsync(cluster, "select 1") is 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<object?> ExecuteAsync(PrivateCluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
