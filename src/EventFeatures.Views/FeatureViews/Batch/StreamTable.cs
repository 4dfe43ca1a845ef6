using EventFeatures.Core.Contracts;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Batch;

/// <summary>
/// What decides which events count in a view whose entities are not its streams: each stream's facts, and the ids of
/// those admitted events that gave no row and so are not in the batch table.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="table">The batch table's name, which these tables' names extend.</param>
/// <param name="contracts">The view's contracts; a stream is known by contract, not by its place in the view.</param>
internal sealed class StreamTable(NpgsqlDataSource database, BatchTable table, IReadOnlyList<DataContract> contracts)
{
    private readonly string _streams = table.NameOf("streams");
    private readonly string _rowless = table.NameOf("rowless");

    /// <summary>The stream's facts, ordered for a digest.</summary>
    public string StreamsInOrder => $"select contract, stream, facts from {_streams} order by contract, stream";

    /// <summary>The ids without rows, ordered for a digest.</summary>
    public string RowlessInOrder => $"select contract, stream, event_id from {_rowless} order by contract, stream, event_id";

    // Names are too long to be keys of an index, so a stream's id follows from them.
    private string Definition =>
        $"""
        create table {_streams} (id uuid primary key, contract text collate "C" not null, stream text collate "C" not null, facts bytea not null);
        create table {_rowless} (event_id uuid not null, contract text collate "C" not null, stream text collate "C" not null);
        create index on {_rowless} (event_id);
        """;

    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection) { Parameters = { new() { Value = _streams } } };
        if (await exists.ExecuteScalarAsync(cancellation) is true) return;
        await using var create = new NpgsqlCommand(Definition, connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    public async Task RecreateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var recreate = new NpgsqlCommand($"drop table if exists {_streams}, {_rowless}; {Definition}", connection);
        await recreate.ExecuteNonQueryAsync(cancellation);
    }

    public async Task DropAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var drop = new NpgsqlCommand($"drop table if exists {_streams}, {_rowless}", connection);
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The facts of some streams; those that have shown nothing are left out.</summary>
    public async Task<List<(StreamKey Key, StreamFacts Facts)>> LoadAsync(IReadOnlyCollection<StreamKey> keys, CancellationToken cancellation)
    {
        var wanted = keys.ToDictionary(IdOf);
        await using var command = database.CreateCommand($"select id, facts from {_streams} where id = any($1)");
        command.Parameters.Add(new() { Value = wanted.Keys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<(StreamKey, StreamFacts)>();
        while (await reader.ReadAsync(cancellation))
            found.Add((wanted[reader.GetGuid(0)], StreamFacts.FromBytes(reader.GetFieldValue<byte[]>(1))));
        return found;
    }

    /// <summary>Which of these ids were admitted without a row.</summary>
    public async Task FindIdsAsync(IReadOnlyCollection<Guid> eventIds, HashSet<(StreamKey Stream, Guid EventId)> found, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select contract, stream, event_id from {_rowless} where event_id = any($1)");
        command.Parameters.Add(new() { Value = eventIds.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            if (SourceOf(PostgresText.Decode(reader.GetString(0))) is >= 0 and var source)
                found.Add((new StreamKey(source, PostgresText.Decode(reader.GetString(1))), reader.GetGuid(2)));
    }

    /// <summary>Writes what a batch changed, within the connection's transaction.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, PendingBatch batch, CancellationToken cancellation)
    {
        var changed = batch.Streams.ToList();
        await using var write = new NpgsqlBatch(connection);
        write.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            insert into {_streams} (id, contract, stream, facts) select * from unnest($1, $2, $3, $4)
            on conflict (id) do update set facts = excluded.facts
            """)
        {
            Parameters =
            {
                new() { Value = changed.Select(pair => IdOf(pair.Key)).ToArray() },
                new() { Value = changed.Select(pair => ContractOf(pair.Key)).ToArray() },
                new() { Value = changed.Select(pair => PostgresText.Encode(pair.Key.Stream)).ToArray() },
                new() { Value = changed.Select(pair => pair.Value.ToBytes()).ToArray() },
            },
        });
        write.BatchCommands.Add(new NpgsqlBatchCommand($"insert into {_rowless} (contract, stream, event_id) select * from unnest($1, $2, $3)")
        {
            Parameters =
            {
                new() { Value = batch.Rowless.Select(admitted => ContractOf(admitted.Stream)).ToArray() },
                new() { Value = batch.Rowless.Select(admitted => PostgresText.Encode(admitted.Stream.Stream)).ToArray() },
                new() { Value = batch.Rowless.Select(admitted => admitted.EventId).ToArray() },
            },
        });
        await write.ExecuteNonQueryAsync(cancellation);
    }

    private Guid IdOf(StreamKey key) => EventIds.Derive(contracts[key.Source].Reference, key.Stream);

    private string ContractOf(StreamKey key) => PostgresText.Encode(contracts[key.Source].Reference);

    private int SourceOf(string contract)
    {
        for (var i = 0; i < contracts.Count; i++)
            if (contracts[i].Reference == contract) return i;
        return -1;
    }
}
