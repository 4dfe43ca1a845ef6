using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Batch;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Partitions;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// One view's share of the database: its documents, its batch table and its partitions' checkpoints. They change
/// together, in one transaction, or not at all.
/// </summary>
internal sealed class ViewStorage(NpgsqlDataSource database, IDocumentStore documents, PartitionTable partitions, ViewsOptions options, CompiledView view)
{
    private readonly OnlineViewProjection _projection = new(view.View, options.OnlineSchema);
    private readonly string _entities = $"{PostgresText.Identifier(options.OnlineSchema)}.{OnlineStore.EntityTable}";
    private readonly string _checkpoints = $"{PostgresText.Identifier(options.OnlineSchema)}.{OnlineStore.CheckpointTable}";

    /// <summary>How the view is divided.</summary>
    public PartitionRule Partitions { get; } = new(view);

    public ViewReference View { get; } = new(view.View.Name, view.View.Version);

    public BatchTable Table { get; } =
        new(options.BatchSchema, new ViewReference(view.View.Name, view.View.Version), view.Columns, severalRows: !view.EntitiesAreStreams);

    public BatchRows Rows => field ??= new BatchRows(database, Table, view.SourceOf);

    /// <summary>What decides which events count; null where entities are streams, whose states hold it.</summary>
    public StreamTable? Streams => view.EntitiesAreStreams ? null : field ??= new StreamTable(database, Table, view.Contracts);

    /// <summary>From what the view was built; empty where there was nothing but the log.</summary>
    public string BuiltFrom { get; private set; } = "";

    /// <summary>Makes what is missing of the view in the database, and says in which format its states are.</summary>
    /// <param name="builtFrom">For a view that is new: from what it is built.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<int> OpenAsync(string builtFrom, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // One worker after the other: what the first one makes is there for the next.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockViewAsync(connection, cancellation);
        var format = await OpenAsync(connection, transaction, null, builtFrom, cancellation);
        await transaction.CommitAsync(cancellation);
        return format;
    }

    /// <summary>The same within a transaction that holds the view's lock, at a position up to which a view that is new has its content already.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="position">The position; null for a view that has nothing yet.</param>
    /// <param name="builtFrom">From what it has that.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<int> OpenAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Position? position, string builtFrom, CancellationToken cancellation)
    {
        await Table.EnsureAsync(connection, cancellation);
        if (Streams is not null) await Streams.EnsureAsync(connection, cancellation);
        await using var session = documents.LightweightSession(SessionOptions.ForTransaction(transaction));
        var stored = await session.LoadAsync<ViewCheckpoint>(View.ToString(), cancellation);
        if (stored is null)
        {
            stored = new ViewCheckpoint { Id = View.ToString(), ViewDigest = view.View.Digest, StateFormat = EntityState.FormatVersion, Position = position?.Value, BuiltFrom = builtFrom };
            session.Insert(stored);
            await session.SaveChangesAsync(cancellation);
        }
        RequireDefinition(stored);
        await partitions.EnsureAsync(
            connection, View, Partitions.Count, stored.Position is { } covered ? new Position(covered) : null,
            new ViewTotals(stored.Entities, stored.Events, stored.Quarantined, stored.Duplicates, stored.Unkeyed), cancellation);
        BuiltFrom = stored.BuiltFrom;
        return stored.StateFormat;
    }

    /// <summary>Finds what a worker has made of the view, and makes nothing.</summary>
    /// <returns>Whether there is any.</returns>
    /// <exception cref="ViewConflictException">It is of another definition, or in a format that this software does not write.</exception>
    public async Task<bool> FindAsync(CancellationToken cancellation)
    {
        await using (var look = database.CreateCommand("select bool_and(to_regclass(name) is not null) from unnest($1) as name"))
        {
            look.Parameters.Add(new() { Value = new[] { _entities, _checkpoints, partitions.Name } });
            if (await look.ExecuteScalarAsync(cancellation) is not true) return false;
        }
        await using var session = documents.QuerySession();
        if (await session.LoadAsync<ViewCheckpoint>(View.ToString(), cancellation) is not { } stored) return false;
        RequireDefinition(stored);
        if (stored.StateFormat != EntityState.FormatVersion)
            throw new ViewConflictException($"The states of view '{View}' are in format {stored.StateFormat}, and this process reads format {EntityState.FormatVersion}. Run the software of the workers that project it.");
        BuiltFrom = stored.BuiltFrom;
        return true;
    }

    /// <summary>Reads an entity together with its partition.</summary>
    /// <returns>Null where the view has no partitions.</returns>
    public async Task<StoredEntity?> ReadAsync(string entityKey, int partition, CancellationToken cancellation)
    {
        // One statement, so that the state is that of the checkpoint and of the owner.
        await using var command = database.CreateCommand(
            $"""
            select p.owner, p.epoch, p.position, e.data ->> 'State' from {partitions.Name} p
            left join {_entities} e on e.tenant_id = p.view and e.id = $3
            where p.view = $1 and p.partition = $2
            """);
        command.Parameters.Add(new() { Value = View.ToString() });
        command.Parameters.Add(new() { Value = (short)partition });
        command.Parameters.Add(new() { Value = PostgresText.Encode(entityKey) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return null;
        return new StoredEntity(
            reader.IsDBNull(0) ? null : reader.GetGuid(0), reader.GetInt64(1),
            reader.IsDBNull(2) ? null : new Position((ulong)reader.GetInt64(2)),
            reader.IsDBNull(3) ? null : view.ReadState(Convert.FromBase64String(reader.GetString(3))));
    }

    /// <summary>Whether a run still owns all that it claimed, and so whatever was read before is its own.</summary>
    public Task<bool> OwnsAsync(OwnedPartitions owned, CancellationToken cancellation) => partitions.AreOwnedAsync(database, View, owned, cancellation);

    /// <summary>Runs a query, and says in the view's words that the database is away.</summary>
    public async Task<T> AskAsync<T>(Func<Task<T>> query)
    {
        try
        {
            return await query();
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ViewUnavailableException))
        {
            throw new ViewUnavailableException($"View '{View}' cannot ask the database: {exception.Message} Entities in memory are still served; ask again later.", exception);
        }
    }

    /// <summary>Loads entities; those without a document are left out.</summary>
    public async Task<List<HotEntity>> LoadAsync(IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        await using var session = documents.QuerySession(View.ToString());
        var found = await session.LoadManyAsync<OnlineEntity>(cancellation, keys.Select(PostgresText.Encode).ToArray());
        return [.. found.Select(document => new HotEntity(view.ReadState(document.State), hasDocument: true))];
    }

    /// <summary>Loads streams' facts; those that have shown nothing are left out.</summary>
    public Task<List<(StreamKey Key, StreamFacts Facts)>> LoadStreamsAsync(IReadOnlyCollection<StreamKey> keys, CancellationToken cancellation) =>
        Streams!.LoadAsync(keys, cancellation);

    /// <summary>Which of these ids were admitted, by stream.</summary>
    public async Task<HashSet<(StreamKey Stream, Guid EventId)>> FindIdsAsync(IReadOnlyCollection<Guid> eventIds, CancellationToken cancellation)
    {
        var found = await Rows.FindIdsAsync(eventIds, cancellation);
        if (Streams is not null) await Streams.FindIdsAsync(eventIds, found, cancellation);
        return found;
    }

    /// <summary>
    /// Writes a batch and the checkpoints of the run's partitions. Writing a batch again that was committed after all
    /// changes nothing.
    /// </summary>
    /// <exception cref="PartitionsLostException">Another run owns one of the partitions; nothing is written.</exception>
    public async Task CommitAsync(PendingBatch batch, OwnedPartitions owned, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await partitions.LockAsync(connection, View, owned, batch, cancellation)) return;
        await Table.AppendAsync(connection, batch.Rows, cancellation);
        if (Streams is not null) await Streams.WriteAsync(connection, batch, cancellation);
        var inTransaction = SessionOptions.ForTransaction(transaction);
        inTransaction.TenantId = View.ToString();
        await using var session = documents.LightweightSession(inTransaction);
        await _projection.ApplyAsync(session, [new Event<EntitiesChanged>(batch.Changes())], cancellation);
        await partitions.AdvanceAsync(connection, View, owned, batch, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Drops all that was built; the next opening starts from the log's first event.</summary>
    /// <param name="unlessFormat">A format of states; if the database has come to hold them in it meanwhile, it is left as it is.</param>
    /// <param name="cancellation">Ends the attempt; nothing is dropped then.</param>
    public async Task ClearAsync(int? unlessFormat, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockViewAsync(connection, cancellation);
        if (unlessFormat is { } format)
        {
            await using var session = documents.LightweightSession(SessionOptions.ForTransaction(transaction));
            if ((await session.LoadAsync<ViewCheckpoint>(View.ToString(), cancellation))?.StateFormat == format) return;
        }
        await partitions.ResetAsync(connection, View, cancellation);
        await Table.RecreateAsync(connection, cancellation);
        if (Streams is not null) await Streams.RecreateAsync(connection, cancellation);
        await DeleteDocumentsAsync(connection, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Takes all that was built out of the database, tables included. What is not there any more is no matter.</summary>
    public async Task DropAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockViewAsync(connection, cancellation);
        await partitions.ResetAsync(connection, View, cancellation);
        await partitions.ForgetAsync(connection, View, cancellation);
        await Table.DropAsync(connection, cancellation);
        if (Streams is not null) await Streams.DropAsync(connection, cancellation);
        await DeleteDocumentsAsync(connection, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private void RequireDefinition(ViewCheckpoint stored)
    {
        if (stored.ViewDigest != view.View.Digest)
            throw new ViewConflictException($"The database holds view '{View}' of the definition {stored.ViewDigest}, but it is declared as {view.View.Digest}. Give the new meaning a new version, or rebuild this one.");
    }

    private async Task DeleteDocumentsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var clear = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"delete from {_entities} where tenant_id = $1") { Parameters = { new() { Value = View.ToString() } } },
                new($"delete from {_checkpoints} where id = $1") { Parameters = { new() { Value = View.ToString() } } },
            },
            Timeout = 0, // As many documents as the view had entities.
        };
        await clear.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Waits until nobody else makes, clears or drops the view, and keeps them waiting until the transaction ends.</summary>
    public async Task LockViewAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", connection)
        { Parameters = { new() { Value = $"eventfeatures view {options.OnlineSchema} {View}" } } };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>An entity as the database holds it, and its partition at the same moment.</summary>
/// <param name="Owner">Who owns the partition; null while it is free.</param>
/// <param name="Epoch">The epoch of its last claim.</param>
/// <param name="Checkpoint">The last position that it covers; null before the first.</param>
/// <param name="State">The entity's state; null where it has none.</param>
internal sealed record StoredEntity(Guid? Owner, long Epoch, Position? Checkpoint, EntityState? State);
