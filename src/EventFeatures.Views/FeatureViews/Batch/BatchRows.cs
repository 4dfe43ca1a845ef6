using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Batch;

/// <summary>Reads the rows of one batch table.</summary>
/// <param name="database">The database.</param>
/// <param name="table">The table.</param>
/// <param name="sourceOf">The view's source that reads a stream's events of a type.</param>
internal sealed class BatchRows(NpgsqlDataSource database, BatchTable table, Func<string, string, int> sourceOf)
{
    /// <summary>One entity's rows up to a position, in fold order.</summary>
    public async Task<List<FeatureRow>> ReadEntityAsync(string entityKey, Position knownAt, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {table.ColumnList} from {table.Name} where entity = $1 and position <= $2 order by occurred_at, position");
        command.Parameters.Add(new() { Value = PostgresText.Encode(entityKey) });
        command.Parameters.Add(new() { Value = Bound(knownAt) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<FeatureRow>();
        while (await reader.ReadAsync(cancellation)) rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>The rows of many entities, or of all, entity after entity.</summary>
    public async IAsyncEnumerable<EntityRows> ReadEntitiesAsync(
        IReadOnlyCollection<string>? entityKeys, Position knownAt, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {table.ColumnList} from {table.Name} where position <= $1{(entityKeys is null ? "" : " and entity = any($2)")} order by entity, occurred_at, position");
        command.Parameters.Add(new() { Value = Bound(knownAt) });
        if (entityKeys is not null) command.Parameters.Add(new() { Value = entityKeys.Select(PostgresText.Encode).ToArray() });
        command.CommandTimeout = 0; // A scan of all history ends with the caller's token, not with a clock.
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<FeatureRow> rows = [];
        while (await reader.ReadAsync(cancellation))
        {
            var row = ReadRow(reader);
            if (rows.Count > 0 && rows[0].EntityKey != row.EntityKey)
            {
                yield return new EntityRows(rows[0].EntityKey, rows);
                rows = [];
            }
            rows.Add(row);
        }
        if (rows.Count > 0) yield return new EntityRows(rows[0].EntityKey, rows);
    }

    /// <summary>The next entities after a key. Each is one step through the index, however many rows it has.</summary>
    public async Task<IReadOnlyList<string>> ReadKeysAsync(string? after, int countMax, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with recursive next (entity, number) as (
                (select entity, 1 from {table.Name}{(after is null ? "" : " where entity > $2")} order by entity limit 1)
                union all
                select (select t.entity from {table.Name} t where t.entity > next.entity order by t.entity limit 1), number + 1
                from next where next.entity is not null and number < $1)
            select entity from next where entity is not null
            """);
        command.Parameters.Add(new() { Value = countMax });
        if (after is not null) command.Parameters.Add(new() { Value = PostgresText.Encode(after) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<string>();
        while (await reader.ReadAsync(cancellation)) keys.Add(PostgresText.Decode(reader.GetString(0)));
        return keys;
    }

    /// <summary>Which of these events the table holds, by stream and id.</summary>
    public async Task<HashSet<(StreamKey Stream, Guid EventId)>> FindIdsAsync(IReadOnlyCollection<Guid> eventIds, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select stream, event_type, event_id from {table.Name} where event_id = any($1)");
        command.Parameters.Add(new() { Value = eventIds.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new HashSet<(StreamKey, Guid)>();
        while (await reader.ReadAsync(cancellation))
        {
            var stream = PostgresText.Decode(reader.GetString(0));
            found.Add((new StreamKey(sourceOf(stream, PostgresText.Decode(reader.GetString(1))), stream), reader.GetGuid(2)));
        }
        return found;
    }

    /// <summary>The rows of one event: one for each entity that it touches, and for each stream that uses its id.</summary>
    public async Task<List<FeatureRow>> FindEventAsync(Guid eventId, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {table.ColumnList} from {table.Name} where event_id = $1 order by position, entity");
        command.Parameters.Add(new() { Value = eventId });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<FeatureRow>();
        while (await reader.ReadAsync(cancellation)) rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>Reads a row of <see cref="BatchTable.ColumnList"/>.</summary>
    public FeatureRow ReadRow(NpgsqlDataReader reader)
    {
        var columns = new Value[table.Columns.Count];
        for (var i = 0; i < columns.Length; i++) columns[i] = BatchColumn.Read(reader, 8 + i, table.Columns[i].Kind);
        return new FeatureRow(
            PostgresText.Decode(reader.GetString(0)), new Instant(reader.GetInt64(1)), new Instant(reader.GetInt64(2)),
            new Position((ulong)reader.GetInt64(3)), PostgresText.Decode(reader.GetString(4)), reader.GetInt64(5),
            reader.GetGuid(6), PostgresText.Decode(reader.GetString(7)), columns);
    }

    // The column is signed; positions past its range do not occur, only bounds such as Position.End.
    private static long Bound(Position position) => (long)Math.Min(position.Value, long.MaxValue);
}
