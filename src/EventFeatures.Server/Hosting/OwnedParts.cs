using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Server.PostgresCluster;
using EventFeatures.Server.Telemetry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Server.Hosting;

/// <summary>What runs under the application and outlives it: the log file, the database and the log. Stopped in reverse.</summary>
internal sealed class OwnedParts : IAsyncDisposable
{
    /// <summary>The database in a private cluster.</summary>
    public const string Database = "eventfeatures";

    private readonly Stack<IAsyncDisposable> _parts = [];
    private PrivateCluster? _cluster;

    /// <summary>The embedded node, once it runs.</summary>
    public EmbeddedNode? Node { get; private set; }

    /// <exception cref="HostStartException">The folder cannot be made.</exception>
    public static string MakeHome(string home)
    {
        try
        {
            return Directory.CreateDirectory(home).FullName;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"The home folder {home} cannot be made: {refused.Message} Name another with --home.", refused);
        }
    }

    /// <summary>
    /// The name under which this home's process takes its share of the projections, the same after every restart, so
    /// that it does not wait for the leases of the process before it.
    /// </summary>
    public static string WorkerNameOf(string home)
    {
        var file = Path.Combine(home, "worker");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept) return kept;
        var name = $"{Environment.MachineName}-{Guid.NewGuid():n}";
        File.WriteAllText(file, name);
        return name;
    }

    public ILoggerFactory OpenLog(HostOptions options, string home)
    {
        var file = new JsonLogFile(options.LogToStandardError ? null : Path.Combine(home, "logs", "server.jsonl"), options.Time);
        var factory = LoggerFactory.Create(logging => logging
            .AddProvider(file)
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("EventFeatures", LogLevel.Information));
        _parts.Push(new Closing(factory));
        return factory;
    }

    /// <exception cref="HostStartException">The home was used with others than are named now, or what is named cannot be used.</exception>
    public async Task<string> OpenDatabaseAsync(HostOptions options, string home, CancellationToken cancellation)
    {
        HomeSources.RefuseForgotten(options, home);
        if (options.Postgres is { } given)
        {
            await ReachAsync(given, cancellation);
            return given;
        }
        var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions { Folder = Path.Combine(home, "postgres"), KeepRunning = true }, cancellation);
        _parts.Push(_cluster = cluster);
        return await MakeDatabaseAsync(cluster.ConnectionString, cancellation);
    }

    /// <returns>What the log is connected with by this process, and what may be shown to others.</returns>
    public async Task<(string Own, string Shown)> StartNodeAsync(HostOptions options, string postgres, ILoggerFactory loggers, CancellationToken cancellation)
    {
        try
        {
            var node = await EmbeddedNode.StartAsync(
                new EmbeddedNodeOptions { Postgres = postgres, Port = options.LogPort, Access = options.LogAccess, Time = options.Time, StorageFault = () => _cluster?.Fault, LoggerFactory = loggers }, cancellation);
            _parts.Push(node);
            Node = node;
            return (node.OwnConnectionString, node.ConnectionString);
        }
        catch (IOException refused)
        {
            throw new HostStartException(
                $"The log cannot start: {refused.Message} The options are --log-port and --log-bind (HostOptions.LogPort and LogAccess).", refused);
        }
        catch (ArgumentException impossible)
        {
            throw new HostStartException(impossible.Message, impossible);
        }
        catch (Exception refused) when (refused is NodeAlreadyRunningException or LogLayoutException)
        {
            throw new HostStartException(refused.Message, refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Exception> failures = [];
        while (_parts.TryPop(out var part))
        {
            try
            {
                await part.DisposeAsync();
            }
            catch (Exception failure)
            {
                // The parts below must stop as well; a database that is left running would hold the folder.
                failures.Add(failure);
            }
        }
        if (failures.Count > 0) throw new AggregateException("EventFeatures did not stop cleanly.", failures);
    }

    private static async Task ReachAsync(string postgres, CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection(postgres);
            await connection.OpenAsync(cancellation);
        }
        catch (Exception unreachable) when (unreachable is NpgsqlException or ArgumentException or System.Net.Sockets.SocketException)
        {
            throw new HostStartException(
                $"The PostgreSQL server that was named cannot be used: {unreachable.Message}. Correct EVENTFEATURES_POSTGRES (HostOptions.Postgres), or leave it out to have a private cluster started.", unreachable);
        }
    }

    private static async Task<string> MakeDatabaseAsync(string server, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(cancellation);
        await using var find = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = Database } } };
        if (await find.ExecuteScalarAsync(cancellation) is null)
        {
            await using var make = new NpgsqlCommand($"create database {Database}", connection);
            await make.ExecuteNonQueryAsync(cancellation);
        }
        return new NpgsqlConnectionStringBuilder(server) { Database = Database }.ConnectionString;
    }

    private sealed class Closing(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
