using EventFeatures.Server.PostgresCluster;
using Npgsql;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>A private PostgreSQL cluster that can be killed and started again on its files.</summary>
public sealed class KillableCluster : IAsyncDisposable
{
    private static readonly TimeSpan KillDeadline = TimeSpan.FromSeconds(20);

    private readonly PrivateClusterOptions _options;
    private PrivateCluster _cluster;

    private KillableCluster(PrivateClusterOptions options, PrivateCluster cluster) => (_options, _cluster) = (options, cluster);

    /// <summary>Starts a cluster in a folder of its own, which goes with it.</summary>
    public static async Task<KillableCluster> StartAsync(string folder, int freeDiskMegabytesMin = 256, int sharedBuffersMegabytes = 64)
    {
        var options = new PrivateClusterOptions { Folder = folder, SharedBuffersMegabytes = sharedBuffersMegabytes, ConnectionsMax = 80, FreeDiskMegabytesMin = freeDiskMegabytesMin, OwnSession = true };
        return new KillableCluster(options, await PrivateCluster.StartAsync(options));
    }

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await ExecuteAsync($"create database {name}");
        return new NpgsqlConnectionStringBuilder(_cluster.ConnectionString) { Database = name }.ConnectionString;
    }

    public Task DropDatabaseAsync(string name) => ExecuteAsync($"drop database if exists {name} with (force)");

    /// <summary>Kills all processes of the cluster at once.</summary>
    public Task KillAsync() => ServerId() is { } server ? LinuxProcesses.KillFamiliesAsync([server], KillDeadline) : Task.CompletedTask;

    /// <summary>Kills the session that writes the log; the server then ends all others and recovers by itself.</summary>
    /// <returns>False when there is none now.</returns>
    public async Task<bool> KillWriterSessionAsync()
    {
        try
        {
            if (await ScalarAsync("select pid from pg_stat_activity where application_name like 'eventfeatures-log-writer%' limit 1") is not int id) return false;
            LinuxProcesses.Kill(id);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Starts the cluster again after a kill, or when it gave up by itself.</summary>
    public async Task RestartAsync()
    {
        await _cluster.DisposeAsync();
        _cluster = await PrivateCluster.StartAsync(_options with { FreeDiskMegabytesMin = 0 });
    }

    /// <summary>Whether the server takes connections.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            return await ScalarAsync("select 1") is not null;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Whether the server's main process lives.</summary>
    public bool IsRunning => ServerId() is { } id && Directory.Exists(FormattableString.Invariant($"/proc/{id}"));

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        if (Directory.Exists(_options.Folder)) Directory.Delete(_options.Folder, recursive: true);
    }

    private int? ServerId() => ServerNote.IdIn(_options.Folder);

    private Task ExecuteAsync(string sql) => ScalarAsync(sql);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_cluster.ConnectionString + ";Pooling=false;Timeout=5");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
