using EventFeatures.Testing.Log;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

[CollectionDefinition(Name)]
public sealed class LogServerCollection : ICollectionFixture<LogServerFixture>
{
    public const string Name = "log server";
}

[Collection(LogServerCollection.Name)]
public sealed class AppendTests(LogServerFixture server) : AppendContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class IdempotenceTests(LogServerFixture server) : IdempotenceContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class AppendWireTests(LogServerFixture server) : AppendWireContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class ReadTests(LogServerFixture server) : ReadContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class ReadWireTests(LogServerFixture server) : ReadWireContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class SubscriptionTests(LogServerFixture server) : SubscriptionContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class ServerTests(LogServerFixture server) : ServerContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class DeletionTests(LogServerFixture server) : DeletionContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class MetadataTests(LogServerFixture server) : MetadataContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class LinkTests(LogServerFixture server) : LinkContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class StreamEndTests(LogServerFixture server) : StreamEndContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class ConnectionTests(LogServerFixture server) : ConnectionContract(server.ConnectionString);

[Collection(LogServerCollection.Name)]
public sealed class FilterTests(LogServerFixture server) : FilterContract(server.ConnectionString);
