using EventFeatures.Server.PostgresCluster;
using Npgsql;

namespace EventFeatures.Testing.Databases;

/// <summary>
/// An empty database of a test's own, dropped after it: in the server that <c>EVENTFEATURES_POSTGRES</c> names, or else
/// in a private cluster that all tests of the process share.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>The environment variable that names a server, as an Npgsql connection string.</summary>
    public const string ServerVariable = "EVENTFEATURES_POSTGRES";

    private static readonly Lazy<Task<string>> Server = new(StartServerAsync);

    private readonly string _name;

    private TestDatabase(string name, string connectionString)
    {
        _name = name;
        ConnectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
    }

    public string ConnectionString { get; }

    /// <summary>With no right to write anything, as on a replica.</summary>
    public string ReadOnlyConnectionString => new NpgsqlConnectionStringBuilder(ConnectionString) { Options = "-c default_transaction_read_only=on" }.ConnectionString;

    public NpgsqlDataSource Source { get; }

    public static async Task<TestDatabase> CreateAsync()
    {
        var server = await Server.Value;
        var name = "ef_test_" + Guid.NewGuid().ToString("n");
        await ExecuteAsync(server, $"create database {name}");
        return new TestDatabase(name, new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString);
    }

    /// <summary>Runs one statement, and gives the first column of its first row.</summary>
    public async Task<object?> ScalarAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await ExecuteAsync(await Server.Value, $"drop database if exists {_name} with (force)");
    }

    private static async Task<string> StartServerAsync()
    {
        if (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named) return named;
        var folder = Path.Combine(Path.GetTempPath(), "eventfeatures-tests-" + Guid.NewGuid().ToString("n"));
        var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions { Folder = folder, SharedBuffersMegabytes = 128 });
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Directory.Delete(folder, recursive: true);
        };
        return cluster.ConnectionString;
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
