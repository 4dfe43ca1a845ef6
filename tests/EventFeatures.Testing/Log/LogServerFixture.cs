using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Faults.Rig;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>
/// The server that the contract is tested on: the one that <c>EVENTFEATURES_TEST_LOG</c> names, or else an
/// embedded node on a database of its own.
/// </summary>
public sealed class LogServerFixture : IAsyncLifetime
{
    /// <summary>The environment variable that names a server by its connection string.</summary>
    public const string ServerVariable = "EVENTFEATURES_TEST_LOG";

    private readonly LoggedErrors _errors = new();
    private TestDatabase? _database;
    private EmbeddedNode? _node;

    public string ConnectionString { get; private set; } = "";

    /// <summary>What the embedded node has logged as errors so far: exceptions that slipped through.</summary>
    public IReadOnlyCollection<string> Errors => _errors.All;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named)
        {
            ConnectionString = named;
            return;
        }
        _database = await TestDatabase.CreateAsync();
        _node = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = _database.ConnectionString, LoggerFactory = _errors });
        ConnectionString = _node.ConnectionString;
    }

    public async Task DisposeAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }
}
