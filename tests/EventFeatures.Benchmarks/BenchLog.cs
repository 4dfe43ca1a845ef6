using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Server.PostgresCluster;
using Npgsql;

namespace EventFeatures.Benchmarks;

/// <summary>The log alone: an embedded node over a fresh private cluster, and a client of its wire protocol.</summary>
internal sealed class BenchLog : IAsyncDisposable
{
    private readonly string _home;
    private readonly PrivateCluster _cluster;
    private readonly EmbeddedNode _node;

    private BenchLog(string home, PrivateCluster cluster, EmbeddedNode node)
    {
        (_home, _cluster, _node) = (home, cluster, node);
        Client = EventStoreLog.Connect(node.ConnectionString);
    }

    public EventStoreLog Client { get; }

    public string Postgres => _cluster.ConnectionString;

    public static async Task<BenchLog> StartAsync()
    {
        var home = Path.Combine(Path.GetTempPath(), "eventfeatures-bench-log-" + Environment.ProcessId);
        var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions { Folder = home }).ConfigureAwait(false);
        var node = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = cluster.ConnectionString }).ConfigureAwait(false);
        return new BenchLog(home, cluster, node);
    }

    /// <summary>
    /// Has PostgreSQL keep its used WAL files for the next use, as it does on a server that has run for a while. On a fresh one
    /// each 16 MB of WAL would begin with a file to be made.
    /// </summary>
    public async Task CheckpointAsync()
    {
        await using var connection = new NpgsqlConnection(Postgres);
        await connection.OpenAsync().ConfigureAwait(false);
        await using var checkpoint = new NpgsqlCommand("CHECKPOINT", connection);
        await checkpoint.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync().ConfigureAwait(false);
        await _node.DisposeAsync().ConfigureAwait(false);
        await _cluster.DisposeAsync().ConfigureAwait(false);
        if (Directory.Exists(_home)) Directory.Delete(_home, recursive: true);
    }
}
