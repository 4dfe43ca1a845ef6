using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EventFeatures.Server.PostgresCluster;

/// <summary>
/// A PostgreSQL server of our own, for as long as this object lives. It listens on a Unix socket in a folder that
/// only its own account may enter, and on no port, so that copies never collide and nothing is exposed.
/// </summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private const string SuperUser = "eventfeatures";

    private readonly string _data;
    private readonly ServerAccount _account;
    private readonly PostgresPrograms _programs;
    private ServerKeeper? _keeper;

    private PrivateCluster(string data, string socketFolder, ServerAccount account, PostgresPrograms programs)
    {
        _data = data;
        _account = account;
        _programs = programs;
        ConnectionString = ConnectionTo(socketFolder);
    }

    /// <summary>For Npgsql; names the database <c>postgres</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>How the server ended, while it waits to be started again; null while it runs.</summary>
    public string? Fault => _keeper?.Fault;

    /// <summary>How to reach a cluster that another process runs on a folder; nothing is started.</summary>
    public static string ConnectionStringOf(string folder) =>
        ConnectionTo(SocketFolder(Path.GetFullPath(folder)));

    /// <summary>Makes the cluster where it is missing, and starts it.</summary>
    /// <exception cref="PrivateClusterException">It cannot be made or started; the message says why and what to do.</exception>
    public static async Task<PrivateCluster> StartAsync(PrivateClusterOptions options, CancellationToken cancellation = default)
    {
        var folder = Path.GetFullPath(options.Folder);
        Directory.CreateDirectory(folder);
        RefuseFullDisk(folder, options.FreeDiskMegabytesMin);
        var data = Path.Combine(folder, "data");
        var account = ServerAccount.For(folder);
        var version = Path.Combine(data, "PG_VERSION");
        var programs = PostgresPrograms.Find(File.Exists(version)
            ? int.Parse(File.ReadAllText(version).Trim(), CultureInfo.InvariantCulture)
            : null);
        // First, since a server that is ending removes files while they are handed over.
        EndLeftOver(data, account, programs);
        account.Own(folder);
        if (!File.Exists(version)) Initialise(folder, data, account, programs);
        var sockets = SocketFolder(folder);
        if (sockets != folder) account.Own(sockets);
        var cluster = new PrivateCluster(data, sockets, account, programs);
        var log = Path.Combine(folder, "server.log");
        var keeper = cluster._keeper = new ServerKeeper(cluster.Command(options), log);
        try
        {
            await cluster.AcceptsConnectionsAsync(keeper, options.StartMax, log, cancellation).ConfigureAwait(false);
            if (options.KeepRunning) keeper.StartAgain();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the server: open transactions are rolled back, what was committed is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_keeper is null) return;
        _keeper.Stop();
        if (_keeper.Ended.IsCompleted) return;
        _ = _account.Run(_programs.Control, ["stop", "-D", _data, "-m", "fast", "-t", "30", "-s"], TimeSpan.FromSeconds(40));
        if (await Task.WhenAny(_keeper.Ended, Task.Delay(TimeSpan.FromSeconds(5))).ConfigureAwait(false) != _keeper.Ended)
            _keeper.Kill();
        await _keeper.Ended.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
    }

    private static void RefuseFullDisk(string folder, int megabytesMin)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace / (1024 * 1024);
        if (free < megabytesMin)
            throw new PrivateClusterException(
                $"The disk that holds {folder} has {free} MiB free; the database needs at least {megabytesMin} MiB. Free some space, or name a folder on another disk with --home.");
    }

    /// <summary>A server that outlived a killed process is ended first; it would hold the folder.</summary>
    private static void EndLeftOver(string data, ServerAccount account, PostgresPrograms programs)
    {
        if (!File.Exists(Path.Combine(data, "postmaster.pid"))) return;
        if (account.Run(programs.Control, ["status", "-D", data], TimeSpan.FromSeconds(10)).ExitCode != 0) return;
        var result = account.Run(programs.Control, ["stop", "-D", data, "-m", "fast", "-t", "60", "-s"], TimeSpan.FromSeconds(70));
        // The server may have ended by itself between the two calls; then there is nothing to stop.
        if (result.ExitCode != 0 && account.Run(programs.Control, ["status", "-D", data], TimeSpan.FromSeconds(10)).ExitCode == 0)
            throw new PrivateClusterException($"A database server of an earlier run still holds {data} and does not stop: {ServerKeeper.LastLines(result.Output)}");
    }

    private static void Initialise(string folder, string data, ServerAccount account, PostgresPrograms programs)
    {
        // Made beside and renamed when whole, so that a crash half-way never leaves half a cluster.
        var making = Path.Combine(folder, "making");
        if (Directory.Exists(making)) Directory.Delete(making, recursive: true);
        var result = account.Run(
            programs.InitDb,
            ["-D", making, "-U", SuperUser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"],
            TimeSpan.FromMinutes(2));
        if (result.ExitCode != 0)
            throw new PrivateClusterException($"Cannot make a database cluster in {folder}: {ServerKeeper.LastLines(result.Output)}");
        Directory.Move(making, data);
    }

    private static string ConnectionTo(string socketFolder) => 
        new NpgsqlConnectionStringBuilder { Host = socketFolder, Port = 5432, Username = SuperUser, Database = "postgres" }.ConnectionString;

    private static string SocketFolder(string folder)
    {
        // The kernel bounds a socket's path to 107 bytes, and PostgreSQL and its clients read lists of hosts and folders.
        if (Encoding.UTF8.GetByteCount(folder) + "/.s.PGSQL.5432".Length <= 107 && !folder.AsSpan().ContainsAny(",;:\"'")) return folder;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16];
        return Path.Combine(Path.GetTempPath(), $"eventfeatures-{digest}");
    }

    private IEnumerable<string> Command(PrivateClusterOptions options)
    {
        string[] settings =
        [
            "listen_addresses=",
            $"unix_socket_directories={SocketFolderOf(ConnectionString)}",
            "unix_socket_permissions=0700",
            $"shared_buffers={options.SharedBuffersMegabytes}MB",
            $"max_connections={options.ConnectionsMax}",
            "wal_buffers=64MB",
            "max_wal_size=8GB",
            "min_wal_size=128MB",
            "checkpoint_timeout=15min",
            "timezone=UTC",
            "log_timezone=UTC",
        ];
        var command = _account.CommandFor(_programs.Server, ["-D", _data, .. settings.SelectMany(setting => new[] { "-c", setting })]);
        return options.OwnSession ? command.Prepend("setsid") : command;
    }

    private async Task AcceptsConnectionsAsync(ServerKeeper keeper, TimeSpan startMax, string log, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (keeper.Ended.IsCompleted) throw new PrivateClusterException($"The database server ended at once: {keeper.LastWords()}");
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException) when (watch.Elapsed < startMax)
            {
                await Task.WhenAny(keeper.Ended, Task.Delay(TimeSpan.FromMilliseconds(25), cancellation)).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
            }
            catch (NpgsqlException error)
            {
                throw new PrivateClusterException($"The database server in {_data} accepts no connections after {startMax.TotalSeconds:0} s: {error.Message} See {log}.", error);
            }
        }
    }

    private static string SocketFolderOf(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Host!;
}
