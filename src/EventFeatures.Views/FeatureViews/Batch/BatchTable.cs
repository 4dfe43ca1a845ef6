using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Batch;

/// <summary>
/// The batch view of one view's version as a flat, append-only table: what every row has, and one typed column, named
/// <c>data_…</c>, for each payload field that the features use.
/// </summary>
internal sealed class BatchTable
{
    /// <summary>Into how many partitions entities are hashed, for ever.</summary>
    public const int PartitionCount = 64;

    // Longer identifiers are cut by PostgreSQL, and two could become one.
    private const int IdentifierBytesMax = 63;

    private const string Own = "entity, occurred_at, recorded_at, position, stream, revision, event_id, event_type";

    // Those, and the partition.
    private const int OwnCount = 9;

    private readonly string _schema;
    private readonly string _view;
    private readonly string _definition;
    private readonly string _copy;

    /// <param name="schema">The schema.</param>
    /// <param name="view">The view.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="severalRows">Whether an event may give several rows, each of another entity.</param>
    public BatchTable(string schema, ViewReference view, IReadOnlyList<ViewColumn> columns, bool severalRows)
    {
        _schema = PostgresText.Identifier(schema);
        _view = $"{view.Name}_v{view.Version.ToString(CultureInfo.InvariantCulture)}";
        Name = $"{_schema}.{PostgresText.Identifier(Fit(_view))}";
        Columns = columns;
        var names = columns.Select(column => PostgresText.Identifier(Fit("data_" + PostgresText.Encode(column.Name)))).ToList();
        ColumnList = string.Concat([Own, .. names.Select(name => ", " + name)]);
        _copy = $"copy {Name} (partition, {ColumnList}) from stdin (format binary)";
        _definition =
            $"""
            create table {Name} (
                partition smallint not null,
                entity text collate "C" not null,
                occurred_at bigint not null,
                recorded_at bigint not null,
                position bigint not null{(severalRows ? "" : " unique")},
                stream text not null,
                revision bigint not null,
                event_id uuid not null,
                event_type text not null
                {string.Concat(names.Select((name, i) => $", {name} {BatchColumn.SqlType(columns[i].Kind)}"))});
            create index on {Name} (entity, occurred_at, position);
            create index on {Name} (event_id);
            {(severalRows ? $"create unique index on {Name} (position, entity);" : "")}
            """;
    }

    /// <summary>The table, with its schema, as SQL.</summary>
    public string Name { get; }

    /// <summary>The name, with its schema, of another table of the view. Views' own tables end with their version, so none has it.</summary>
    public string NameOf(string part) => $"{_schema}.{PostgresText.Identifier(Fit($"{_view}_{part}"))}";

    /// <summary>The columns that <see cref="BatchRows.ReadRow"/> expects, in order.</summary>
    public string ColumnList { get; }

    public IReadOnlyList<ViewColumn> Columns { get; }

    /// <summary>The entity's partition: the 64-bit FNV-1a hash of its key in UTF-16, the same for ever and everywhere.</summary>
    public static short Partition(string entityKey)
    {
        var hash = 14695981039346656037;
        foreach (var c in entityKey)
        {
            hash = unchecked((hash ^ (byte)c) * 1099511628211);
            hash = unchecked((hash ^ (byte)(c >> 8)) * 1099511628211);
        }
        // The lowest bits of this hash mix the least.
        return (short)((hash ^ (hash >> 32)) % PartitionCount);
    }

    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection) { Parameters = { new() { Value = Name } } };
        if (await exists.ExecuteScalarAsync(cancellation) is true) return;
        await using var create = new NpgsqlCommand(_definition, connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Drops the table with its rows and makes it again, since its columns may have changed too.</summary>
    public async Task RecreateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var recreate = new NpgsqlCommand($"drop table if exists {Name}; {_definition}", connection);
        await recreate.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Drops the table with its rows, if it is there.</summary>
    public async Task DropAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var drop = new NpgsqlCommand($"drop table if exists {Name}", connection);
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Appends rows within the connection's transaction.</summary>
    public Task AppendAsync(NpgsqlConnection connection, IReadOnlyList<FeatureRow> rows, CancellationToken cancellation) =>
        CopyRows.SendAsync(connection, _copy, rows, Encode, cancellation);

    private void Encode(CopyRows copy, FeatureRow row)
    {
        copy.StartRow(OwnCount + Columns.Count);
        copy.Write(Partition(row.EntityKey));
        copy.Write(PostgresText.Encode(row.EntityKey));
        copy.Write(row.OccurredAt.Microseconds);
        copy.Write(row.RecordedAt.Microseconds);
        copy.Write(checked((long)row.Position.Value));
        copy.Write(PostgresText.Encode(row.StreamId));
        copy.Write(row.Revision);
        copy.Write(row.EventId);
        copy.Write(PostgresText.Encode(row.EventType));
        for (var i = 0; i < Columns.Count; i++) BatchColumn.Write(copy, Columns[i].Kind, row.Columns[i]);
    }

    private static string Fit(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= IdentifierBytesMax) return name;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8));
        var kept = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, kept)) > IdentifierBytesMax - 17 || char.IsHighSurrogate(name[kept - 1])) kept--;
        return name[..kept] + "_" + hash;
    }
}
