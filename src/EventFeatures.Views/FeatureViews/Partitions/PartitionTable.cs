using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>The checkpoints of all views, a row a partition, with who owns it under which epoch.</summary>
internal sealed class PartitionTable(string schema)
{
    private const string Counts = "entities, events, quarantined, duplicates, unkeyed";

    private readonly string _partitions = $"{PostgresText.Identifier(schema)}.view_partition";
    private readonly string _workers = $"{PostgresText.Identifier(schema)}.worker";

    /// <summary>The table, with its schema, as SQL.</summary>
    public string Name => _partitions;

    /// <summary>Makes the tables of partitions and workers where they are missing.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var create = new NpgsqlCommand(
            $"""
            create table if not exists {_partitions} (
                view text not null,
                partition smallint not null,
                owner uuid,
                epoch bigint not null default 0,
                position bigint,
                entities bigint not null default 0,
                events bigint not null default 0,
                quarantined bigint not null default 0,
                duplicates bigint not null default 0,
                unkeyed bigint not null default 0,
                changed_at timestamptz not null default clock_timestamp(),
                primary key (view, partition)
            ) with (fillfactor = 50);
            create table if not exists {_workers} (
                name text primary key,
                incarnation uuid not null,
                started_at timestamptz not null default clock_timestamp(),
                beat_at timestamptz not null default clock_timestamp(),
                expires_at timestamptz not null,
                backlogs jsonb not null
            );
            """, connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Makes a view's partitions where they are missing, at a position that covers them all.</summary>
    public async Task EnsureAsync(
        NpgsqlConnection connection, ViewReference view, int count, Position? position, ViewTotals totals, CancellationToken cancellation)
    {
        // What was counted before there were partitions is nobody's in particular; only the sum is shown.
        await using var insert = new NpgsqlCommand(
            $"""
            insert into {_partitions} (view, partition, position, {Counts})
            select $1, p, $3, case p when 0 then $4 else 0 end, case p when 0 then $5 else 0 end, case p when 0 then $6 else 0 end,
                case p when 0 then $7 else 0 end, case p when 0 then $8 else 0 end
            from generate_series(0, $2 - 1) as p on conflict do nothing
            """, connection)
        {
            Parameters =
            {
                new() { Value = view.ToString() }, new() { Value = count }, new NpgsqlParameter<long?> { TypedValue = Signed(position) },
                new() { Value = totals.Entities }, new() { Value = totals.Events }, new() { Value = totals.Quarantined },
                new() { Value = totals.Duplicates }, new() { Value = totals.Unkeyed },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Gives a worker its share of a view's partitions: what it owns already and then what is free, each under a higher
    /// epoch. What it owns beyond its share becomes free.
    /// </summary>
    public async Task<OwnedPartitions> ClaimAsync(
        NpgsqlConnection connection, ViewReference view, int count, Guid worker, IReadOnlyCollection<Guid> alive, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var rows = await LockAsync(connection, view, cancellation);
        var mine = rows.Where(row => row.Owner == worker);
        var free = rows.Where(row => row.Owner != worker && (row.Owner is not { } owner || !alive.Contains(owner)));
        var taken = mine.Concat(free).Take(WorkerShare.Of(view, count, alive, worker))
            .Select(row => new LeasedPartition(row.Partition, row.Epoch + 1, row.Position, row.Totals)).OrderBy(lease => lease.Partition).ToList();
        await using var claim = new NpgsqlCommand(
            $"""
            update {_partitions} set owner = case when partition = any($3) then $2 end,
                epoch = epoch + case when partition = any($3) then 1 else 0 end, changed_at = clock_timestamp()
            where view = $1 and (owner = $2 or partition = any($3))
            """, connection, transaction)
        {
            Parameters =
            {
                new() { Value = view.ToString() }, new() { Value = worker }, new() { Value = taken.Select(lease => (short)lease.Partition).ToArray() },
            },
        };
        await claim.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        var elsewhere = rows.ExceptBy(taken.Select(lease => lease.Partition), row => row.Partition).ToList();
        return new OwnedPartitions(worker, taken, count, new ForeignBacklog(
            elsewhere.All(row => row.Position is not null) ? elsewhere.Min(row => row.Position) : null,
            elsewhere.Aggregate(ViewTotals.None, (sum, row) => sum.Plus(row.Totals)), Gap: 0, TimeSpan.Zero, IsLive: false));
    }

    /// <summary>Gives a process that only serves its share of a view's partitions, which is none of them, and writes nothing.</summary>
    public async Task<OwnedPartitions> ClaimNoneAsync(NpgsqlConnection connection, ViewReference view, int count, Guid worker, CancellationToken cancellation)
    {
        var stored = await ReadTotalsAsync(connection, view, cancellation);
        return new OwnedPartitions(worker, [], count, new ForeignBacklog(stored?.Position, stored?.Totals ?? ViewTotals.None, Gap: 0, TimeSpan.Zero, IsLive: false));
    }

    /// <summary>Locks a run's partitions for the commit of a batch, within the connection's transaction.</summary>
    /// <returns>Whether the batch is still to be written; not when it was committed before.</returns>
    /// <exception cref="PartitionsLostException">Another run owns one of them now.</exception>
    public async Task<bool> LockAsync(
        NpgsqlConnection connection, ViewReference view, OwnedPartitions owned, PendingBatch batch, CancellationToken cancellation)
    {
        var rows = (await LockAsync(connection, view, cancellation, [.. owned.Leases.Select(lease => (short)lease.Partition)])).ToDictionary(row => row.Partition);
        var lost = owned.Leases.Where(lease => !rows.TryGetValue(lease.Partition, out var row) || row.Owner != owned.Owner || row.Epoch != lease.Epoch).ToList();
        if (lost.Count > 0)
            throw new PartitionsLostException($"Partition {lost[0].Partition}{(lost.Count > 1 ? $" and {lost.Count - 1} others" : "")} of view '{view}' went to another run of it.");
        if (owned.Leases.All(lease => rows[lease.Partition].Position == owned.CoveredBy(lease.Partition, batch.Checkpoint))) return false;
        var wrong = owned.Leases.FirstOrDefault(lease => rows[lease.Partition].Position != owned.CoveredBy(lease.Partition, batch.After));
        return wrong is null ? true : throw new ViewConflictException(
            $"The checkpoint of partition {wrong.Partition} of view '{view}' is {rows[wrong.Partition].Position?.ToString() ?? "none"} in the database, but this run left {owned.CoveredBy(wrong.Partition, batch.After)?.ToString() ?? "none"} there. Let nothing but EventFeatures write its tables.");
    }

    /// <summary>Whether a run still owns all that it claimed. If so, whatever was read before is its own: epochs only rise.</summary>
    public async Task<bool> AreOwnedAsync(NpgsqlDataSource database, ViewReference view, OwnedPartitions owned, CancellationToken cancellation)
    {
        if (owned.IsEmpty) return true;
        await using var command = database.CreateCommand(
            $"""
            select count(*) from {_partitions} stored join unnest($3, $4) as lease (partition, epoch)
                on stored.partition = lease.partition and stored.epoch = lease.epoch
            where stored.view = $1 and stored.owner = $2
            """);
        command.Parameters.Add(new() { Value = view.ToString() });
        command.Parameters.Add(new() { Value = owned.Owner });
        command.Parameters.Add(new() { Value = owned.Leases.Select(lease => (short)lease.Partition).ToArray() });
        command.Parameters.Add(new() { Value = owned.Leases.Select(lease => lease.Epoch).ToArray() });
        return (long)(await command.ExecuteScalarAsync(cancellation))! == owned.Leases.Count;
    }

    /// <summary>Moves a run's partitions on to a batch's checkpoint, within the transaction that locked them.</summary>
    public async Task AdvanceAsync(NpgsqlConnection connection, ViewReference view, OwnedPartitions owned, PendingBatch batch, CancellationToken cancellation)
    {
        var added = owned.Leases.Select(lease => batch.Added.GetValueOrDefault(lease.Partition)).ToList();
        await using var advance = new NpgsqlCommand(
            $"""
            update {_partitions} as stored set position = batch.position, entities = stored.entities + batch.entities,
                events = stored.events + batch.events, quarantined = stored.quarantined + batch.quarantined,
                duplicates = stored.duplicates + batch.duplicates, unkeyed = stored.unkeyed + batch.unkeyed, changed_at = clock_timestamp()
            from unnest($2, $3, $4, $5, $6, $7, $8) as batch (partition, position, {Counts})
            where stored.view = $1 and stored.partition = batch.partition
            """, connection)
        {
            Parameters =
            {
                new() { Value = view.ToString() },
                new() { Value = owned.Leases.Select(lease => (short)lease.Partition).ToArray() },
                new() { Value = owned.Leases.Select(lease => Signed(owned.CoveredBy(lease.Partition, batch.Checkpoint))!.Value).ToArray() },
                new() { Value = added.Select(totals => totals.Entities).ToArray() },
                new() { Value = added.Select(totals => totals.Events).ToArray() },
                new() { Value = added.Select(totals => totals.Quarantined).ToArray() },
                new() { Value = added.Select(totals => totals.Duplicates).ToArray() },
                new() { Value = added.Select(totals => totals.Unkeyed).ToArray() },
            },
        };
        await advance.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Sets a view back to before its first event, within the connection's transaction. Every run of it, here and
    /// elsewhere, has lost its partitions. What follows in the transaction waits for readers of the view's tables no longer
    /// than for a partition: everybody else waits behind it, and the view answers nobody meanwhile.
    /// </summary>
    public async Task ResetAsync(NpgsqlConnection connection, ViewReference view, CancellationToken cancellation)
    {
        await LockAsync(connection, view, cancellation);
        await using var reset = new NpgsqlCommand(
            $"""
            update {_partitions} set owner = null, epoch = epoch + 1, position = null, entities = 0, events = 0, quarantined = 0,
                duplicates = 0, unkeyed = 0, changed_at = clock_timestamp() where view = $1
            """, connection)
        { Parameters = { new() { Value = view.ToString() } } };
        await reset.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>What all partitions of a view have covered, and its counts; null where it has no partitions yet, without a position where one has none.</summary>
    public async Task<(Position? Position, ViewTotals Totals)?> ReadTotalsAsync(NpgsqlConnection connection, ViewReference view, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select count(*), case when bool_and(position is not null) then min(position) end, coalesce(sum(entities), 0)::bigint, coalesce(sum(events), 0)::bigint,
                coalesce(sum(quarantined), 0)::bigint, coalesce(sum(duplicates), 0)::bigint, coalesce(sum(unkeyed), 0)::bigint from {_partitions} where view = $1
            """, connection)
        { Parameters = { new() { Value = view.ToString() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetInt64(0) == 0) return null;
        return (reader.IsDBNull(1) ? null : new Position((ulong)reader.GetInt64(1)),
            new ViewTotals(reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6)));
    }

    /// <summary>Sets a view's counts by its rows, where every event that it read has one, within the connection's transaction.</summary>
    public async Task CountAsync(NpgsqlConnection connection, ViewReference view, string rows, CancellationToken cancellation)
    {
        await using var count = new NpgsqlCommand(
            $"""
            update {_partitions} as stored set entities = counted.entities, events = counted.events
            from (select partition, count(distinct entity) as entities, count(*) as events from {rows} group by partition) as counted
            where stored.view = $1 and stored.partition = counted.partition
            """, connection)
        { Parameters = { new() { Value = view.ToString() } }, CommandTimeout = 0 };
        await count.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Forgets a view that was set back, within the connection's transaction. A run of it that still goes on has lost its partitions.</summary>
    public async Task ForgetAsync(NpgsqlConnection connection, ViewReference view, CancellationToken cancellation)
    {
        await using var forget = new NpgsqlCommand($"delete from {_partitions} where view = $1", connection) { Parameters = { new() { Value = view.ToString() } } };
        await forget.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The least checkpoint of some partitions; null when one of them has none.</summary>
    public async Task<Position?> ReadCheckpointAsync(NpgsqlDataSource database, ViewReference view, IReadOnlyCollection<int> partitions, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select case when bool_and(position is not null) then min(position) end from {_partitions} where view = $1 and partition = any($2)");
        command.Parameters.Add(new() { Value = view.ToString() });
        command.Parameters.Add(new() { Value = partitions.Select(partition => (short)partition).ToArray() });
        return await command.ExecuteScalarAsync(cancellation) is long position ? new Position((ulong)position) : null;
    }

    // In the order of the partitions, so that nobody waits for one while holding what the other waits for.
    private async Task<List<StoredPartition>> LockAsync(
        NpgsqlConnection connection, ViewReference view, CancellationToken cancellation, short[]? partitions = null)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // A machine that loses its power in the middle of a commit holds its locks until the server gives it up.
                new("set local lock_timeout = '10s'"),
                new("set local idle_in_transaction_session_timeout = '30s'"),
                new($"select partition, owner, epoch, position, {Counts} from {_partitions} where view = $1{(partitions is null ? "" : " and partition = any($2)")} order by partition for update")
                {
                    Parameters = { new() { Value = view.ToString() } },
                },
            },
        };
        if (partitions is not null) batch.BatchCommands[2].Parameters.Add(new() { Value = partitions });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var rows = new List<StoredPartition>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(new StoredPartition(
                reader.GetInt16(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetInt64(2),
                reader.IsDBNull(3) ? null : new Position((ulong)reader.GetInt64(3)),
                new ViewTotals(reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8))));
        return rows;
    }

    private static long? Signed(Position? position) => position is { } some ? checked((long)some.Value) : null;

    private sealed record StoredPartition(int Partition, Guid? Owner, long Epoch, Position? Position, ViewTotals Totals);
}

/// <summary>Another run of the view owns a partition that this one folded; what it folded since its last commit is not written.</summary>
internal sealed class PartitionsLostException(string message) : ViewConflictException(message);
