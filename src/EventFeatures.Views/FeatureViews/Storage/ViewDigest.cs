using System.Buffers.Binary;
using System.Data;
using System.Security.Cryptography;
using System.Text;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// SHA-256 of a view's content: the states' canonical bytes ordered by entity, then the rows ordered by position and
/// entity, then the streams' facts where there are any, each field with its length before it, all from one snapshot of
/// the database.
/// </summary>
internal sealed class ViewDigest(NpgsqlDataSource database, ViewStorage storage, string onlineSchema)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public async Task<string> ComputeAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await AddStatesAsync(connection, cancellation);
        await AddRowsAsync(connection, cancellation);
        await AddStreamsAsync(connection, cancellation);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    private async Task AddStatesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select id, data ->> 'State' from {PostgresText.Identifier(onlineSchema)}.{OnlineStore.EntityTable} where tenant_id = $1 order by id collate \"C\"", connection)
        { Parameters = { new() { Value = storage.View.ToString() } }, CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            Add(reader.GetString(0));
            Add(Convert.FromBase64String(reader.GetString(1)));
        }
    }

    private async Task AddRowsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {storage.Table.ColumnList} from {storage.Table.Name} order by position, entity", connection)
        { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) Add(storage.Rows.ReadRow(reader));
    }

    private async Task AddStreamsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (storage.Streams is not { } streams) return;
        foreach (var ordered in (string[])[streams.StreamsInOrder, streams.RowlessInOrder])
        {
            await using var command = new NpgsqlCommand(ordered, connection) { CommandTimeout = 0 };
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                Add(reader.GetString(0));
                Add(reader.GetString(1));
                Add(reader.GetFieldType(2) == typeof(Guid) ? reader.GetGuid(2).ToByteArray(bigEndian: true) : reader.GetFieldValue<byte[]>(2));
            }
        }
    }

    private void Add(FeatureRow row)
    {
        Add(row.EntityKey);
        Add(row.OccurredAt.Microseconds);
        Add(row.RecordedAt.Microseconds);
        Add((long)row.Position.Value);
        Add(row.StreamId);
        Add(row.Revision);
        Add(row.EventId.ToByteArray(bigEndian: true));
        Add(row.EventType);
        foreach (var value in row.Columns) Add(value);
    }

    private void Add(in Value value)
    {
        Add((long)value.Kind);
        // The JSON of a NaN does not tell its bits.
        if (value.Kind == ValueKind.Number) Add(BitConverter.DoubleToInt64Bits(value.Number));
        else Add(value.ToString());
    }

    private void Add(string text) => Add(Encoding.Unicode.GetBytes(text));

    private void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        _hash.AppendData(bytes);
    }

    private void Add(byte[] bytes)
    {
        Add((long)bytes.Length);
        _hash.AppendData(bytes);
    }
}
