using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>
/// The workers, a row each, alive for as long as they renew it. All times are the database's, so that no worker's
/// clock matters.
/// </summary>
internal sealed class WorkerTable(string schema, string name, Guid incarnation, TimeSpan leaseDuration)
{
    private readonly string _workers = $"{PostgresText.Identifier(schema)}.worker";
    private readonly string _partitions = $"{PostgresText.Identifier(schema)}.view_partition";

    private string Alive => $"select incarnation from {_workers} where expires_at > clock_timestamp()";

    /// <summary>Renews this worker's row, and reads who else is alive.</summary>
    /// <param name="connection">A connection without a transaction.</param>
    /// <param name="backlogs">How far its runs are behind, by view, for the others to know.</param>
    /// <param name="first">Whether the process has only begun, and so takes the place of any of its name.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The living workers. This one is not among them while another process has its name.</returns>
    public async Task<IReadOnlyCollection<Guid>> BeatAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, Backlog> backlogs, bool first, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            Timeout = Math.Max(1, (int)leaseDuration.TotalSeconds),
            BatchCommands =
            {
                new($"""
                    insert into {_workers} (name, incarnation, expires_at, backlogs) values ($1, $2, clock_timestamp() + $3, $4)
                    on conflict (name) do update set incarnation = excluded.incarnation, beat_at = clock_timestamp(),
                        expires_at = excluded.expires_at, backlogs = excluded.backlogs,
                        started_at = case when worker.incarnation = excluded.incarnation then worker.started_at else clock_timestamp() end
                    where worker.incarnation = excluded.incarnation or worker.expires_at <= clock_timestamp() or $5
                    """)
                {
                    Parameters =
                    {
                        new() { Value = name }, new() { Value = incarnation }, new() { Value = leaseDuration },
                        new() { Value = JsonSerializer.Serialize(backlogs), NpgsqlDbType = NpgsqlDbType.Jsonb }, new() { Value = first },
                    },
                },
                new($"delete from {_workers} where expires_at < clock_timestamp() - interval '1 hour'"),
                new(Alive),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await ReadAliveAsync(reader, cancellation);
    }

    /// <summary>Reads who is alive, as one that is no worker.</summary>
    public async Task<IReadOnlyCollection<Guid>> ReadAliveAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Alive, connection) { CommandTimeout = Math.Max(1, (int)leaseDuration.TotalSeconds) };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await ReadAliveAsync(reader, cancellation);
    }

    /// <summary>Every partition of every view, as it is owned now.</summary>
    public async Task<Dictionary<string, List<PartitionState>>> ReadPartitionsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select p.view, p.partition, w.incarnation, w.name, p.epoch, p.position, p.entities, p.events, p.quarantined, p.duplicates, p.unkeyed,
                extract(epoch from clock_timestamp() - coalesce(w.beat_at, p.changed_at))::float8, w.backlogs ->> p.view
            from {_partitions} p left join {_workers} w on w.incarnation = p.owner and w.expires_at > clock_timestamp()
            order by p.view, p.partition
            """, connection)
        { CommandTimeout = Math.Max(1, (int)leaseDuration.TotalSeconds) };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var views = new Dictionary<string, List<PartitionState>>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            if (!views.TryGetValue(reader.GetString(0), out var partitions)) views.Add(reader.GetString(0), partitions = []);
            partitions.Add(new PartitionState(
                reader.GetInt16(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetInt64(4),
                reader.IsDBNull(5) ? null : new Position((ulong)reader.GetInt64(5)),
                new ViewTotals(reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9), reader.GetInt64(10)),
                TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(11))),
                reader.IsDBNull(12) ? null : JsonSerializer.Deserialize<Backlog>(reader.GetString(12))));
        }
        return views;
    }

    /// <summary>Gives up all that this worker owns, at once.</summary>
    public async Task LeaveAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {_workers} where name = $1 and incarnation = $2");
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = incarnation });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<IReadOnlyCollection<Guid>> ReadAliveAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var alive = new List<Guid>();
        while (await reader.ReadAsync(cancellation)) alive.Add(reader.GetGuid(0));
        return alive;
    }
}

/// <summary>How far a worker's run of a view is behind the log.</summary>
/// <param name="LagSeconds">How long.</param>
/// <param name="Gap">By how many events.</param>
/// <param name="Live">Whether it has caught up once.</param>
internal sealed record Backlog(double LagSeconds, long Gap, bool Live);

/// <summary>A partition as the database shows it.</summary>
/// <param name="Partition">Which.</param>
/// <param name="Owner">The living worker that owns it; null while it is free.</param>
/// <param name="OwnerName">Its name.</param>
/// <param name="Epoch">The epoch of its last claim.</param>
/// <param name="Position">Its checkpoint.</param>
/// <param name="Totals">Its counts.</param>
/// <param name="Age">How old this is: since its owner's last sign of life or, of a free one, since its last change.</param>
/// <param name="Backlog">What its owner said of its backlog.</param>
internal sealed record PartitionState(
    int Partition, Guid? Owner, string? OwnerName, long Epoch, Position? Position, ViewTotals Totals, TimeSpan Age, Backlog? Backlog);
