using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>The part of the log's table that holds a stretch of positions.</summary>
/// <param name="First">The first position that belongs to it.</param>
/// <param name="Past">The first position after it.</param>
internal sealed record Partition(long First, long Past)
{
    /// <summary>Which streams have events here, once that can change no more; <see langword="null"/> before.</summary>
    public StreamFilter? Filter { get; init; }

    /// <summary>The table's name in its schema.</summary>
    public string Name => FormattableString.Invariant($"events_{First}");

    /// <summary>The table.</summary>
    public string Table => "log." + Name;

    /// <summary>The statements by which a complete table becomes this part of the log.</summary>
    public string Attach() => FormattableString.Invariant(
        $"""
        ALTER TABLE log.events ATTACH PARTITION {Table} FOR VALUES FROM ({First}) TO ({Past});
        INSERT INTO log.partitions (first, past) VALUES ({First}, {Past}) ON CONFLICT (first) DO NOTHING;
        """);

    /// <summary>
    /// Makes it, empty. Attaching a table, unlike creating it as a partition, waits for no reader, however long that
    /// reads: a backup must not hold up the writer.
    /// </summary>
    public async Task AddAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var add = new NpgsqlCommand(LogSchema.Table(Table) + LogSchema.Indexes(Table, Name) + Attach(), connection);
        await add.ExecuteNonQueryAsync(cancellation);
    }
}
