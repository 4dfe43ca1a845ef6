using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Faults.Rig;
using Grpc.Net.Client;
using Npgsql;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>A database of its own for each test of the embedded node.</summary>
public abstract class NodeTestBase : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(5));

    protected TestDatabase Database { get; private set; } = null!;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Late => _deadline.Token;

    protected EmbeddedNodeOptions Options => new() { Postgres = Database.ConnectionString };

    public async Task InitializeAsync() => Database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync()
    {
        await Database.DisposeAsync();
        _deadline.Dispose();
    }

    protected static EventData Event(int bytes = 20) => new(Guid.NewGuid(), "Tested", new byte[bytes], default, "application/octet-stream");

    internal static GrpcChannel Channel(EmbeddedNode node) =>
        GrpcChannel.ForAddress(FormattableString.Invariant($"http://127.0.0.1:{node.Port}"), new GrpcChannelOptions { MaxSendMessageSize = 64 << 20, MaxReceiveMessageSize = 64 << 20 });

    internal static Streams.StreamsClient Wire(GrpcChannel channel) => new(channel);

    protected async Task<List<RecordedEvent>> AllAsync(EventStoreLog log)
    {
        List<RecordedEvent> events = [];
        await foreach (var recorded in log.ReadAllAsync(ReadDirection.Forwards, Position.Start, cancellation: Late)) events.Add(recorded);
        return events;
    }

    /// <summary>A link to this test's PostgreSQL server, and the connection string through it.</summary>
    internal (FaultyLink Link, string Postgres) Linked()
    {
        var builder = new NpgsqlConnectionStringBuilder(Database.ConnectionString);
        var link = FaultyLink.ToPostgres(builder.Host!, builder.Port);
        (builder.Host, builder.Port) = ("127.0.0.1", link.Port);
        return (link, builder.ConnectionString);
    }
}
