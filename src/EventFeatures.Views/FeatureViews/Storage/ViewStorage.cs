using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Batch;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Online;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// One view's share of the database: its documents, its batch table and its checkpoint. They change together, in one
/// transaction, or not at all.
/// </summary>
internal sealed class ViewStorage(NpgsqlDataSource database, IDocumentStore documents, ViewsOptions options, CompiledView view)
{
    private readonly OnlineViewProjection _projection = new(view.View, options.OnlineSchema);
    private readonly string _entities = $"{PostgresText.Identifier(options.OnlineSchema)}.{OnlineStore.EntityTable}";
    private readonly string _checkpoints = $"{PostgresText.Identifier(options.OnlineSchema)}.{OnlineStore.CheckpointTable}";

    public ViewReference View { get; } = new(view.View.Name, view.View.Version);

    public BatchTable Table { get; } =
        new(options.BatchSchema, new ViewReference(view.View.Name, view.View.Version), view.Columns, severalRows: !view.EntitiesAreStreams);

    public BatchRows Rows => field ??= new BatchRows(database, Table, view.SourceOf);

    /// <summary>What decides which events count; null where entities are streams, whose states hold it.</summary>
    public StreamTable? Streams => view.EntitiesAreStreams ? null : field ??= new StreamTable(database, Table, view.Contracts);

    /// <summary>Makes the table and the checkpoint where they are missing, and reads where the view stands.</summary>
    public async Task<OpenedView> OpenAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await Table.EnsureAsync(connection, cancellation);
        if (Streams is not null) await Streams.EnsureAsync(connection, cancellation);
        await using var session = documents.LightweightSession();
        var stored = await session.LoadAsync<ViewCheckpoint>(View.ToString(), cancellation);
        if (stored is null)
        {
            stored = new ViewCheckpoint { Id = View.ToString(), ViewDigest = view.View.Digest, StateFormat = EntityState.FormatVersion };
            session.Insert(stored);
            await session.SaveChangesAsync(cancellation);
        }
        if (stored.ViewDigest != view.View.Digest)
            throw new ViewConflictException($"The database holds view '{View}' of the definition {stored.ViewDigest}, but it is declared as {view.View.Digest}. Give the new meaning a new version, or rebuild this one.");
        return new OpenedView(
            stored.Position is { } position ? new Position(position) : null,
            new ViewTotals(stored.Entities, stored.Events, stored.Quarantined, stored.Duplicates, stored.Unkeyed), stored.StateFormat);
    }

    /// <summary>Loads entities; those without a document are left out.</summary>
    public async Task<List<HotEntity>> LoadAsync(IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        await using var session = documents.QuerySession(View.ToString());
        var found = await session.LoadManyAsync<OnlineEntity>(cancellation, keys.Select(PostgresText.Encode).ToArray());
        return [.. found.Select(document => new HotEntity(view.ReadState(document.State)))];
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

    /// <summary>Writes a batch and its checkpoint. Writing a batch again that was committed after all changes nothing.</summary>
    public async Task CommitAsync(PendingBatch batch, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var stored = await LockCheckpointAsync(connection, cancellation);
        if (stored == batch.Checkpoint) return;
        if (stored != batch.After)
            throw new ViewConflictException($"The checkpoint of view '{View}' is {stored?.ToString() ?? "none"} in the database, but this process left {batch.After?.ToString() ?? "none"} there. Let one process alone project a view.");
        await Table.AppendAsync(connection, batch.Rows, cancellation);
        if (Streams is not null) await Streams.WriteAsync(connection, batch, cancellation);
        var inTransaction = SessionOptions.ForTransaction(transaction);
        inTransaction.TenantId = View.ToString();
        await using var session = documents.LightweightSession(inTransaction);
        await _projection.ApplyAsync(
            session, [.. batch.Dirty.Select(dirty => (IEvent)new Event<EntityChanged>(new EntityChanged(dirty.Image())))], cancellation);
        session.Store(new ViewCheckpoint
        {
            Id = View.ToString(),
            Position = batch.Checkpoint!.Value.Value,
            ViewDigest = view.View.Digest,
            StateFormat = EntityState.FormatVersion,
            Entities = batch.Totals.Entities,
            Events = batch.Totals.Events,
            Quarantined = batch.Totals.Quarantined,
            Duplicates = batch.Totals.Duplicates,
            Unkeyed = batch.Totals.Unkeyed,
        });
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Drops all that was built; the next opening starts from the log's first event.</summary>
    public async Task ClearAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockCheckpointAsync(connection, cancellation);
        await Table.RecreateAsync(connection, cancellation);
        if (Streams is not null) await Streams.RecreateAsync(connection, cancellation);
        await using var clear = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new($"delete from {_entities} where tenant_id = $1") { Parameters = { new() { Value = View.ToString() } } },
                new($"delete from {_checkpoints} where id = $1") { Parameters = { new() { Value = View.ToString() } } },
            },
        };
        await clear.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private async Task<Position?> LockCheckpointAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select (data ->> 'Position')::bigint from {_checkpoints} where id = $1 for update", connection)
        { Parameters = { new() { Value = View.ToString() } } };
        return await command.ExecuteScalarAsync(cancellation) is long position ? new Position((ulong)position) : null;
    }
}

/// <summary>Where a view stands in the database.</summary>
/// <param name="Checkpoint">The last position covered; null before the first.</param>
/// <param name="Totals">The view's counts.</param>
/// <param name="StateFormat">The format of its entities' states.</param>
internal sealed record OpenedView(Position? Checkpoint, ViewTotals Totals, int StateFormat);
