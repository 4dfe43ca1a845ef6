using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Seeding;

/// <summary>
/// Gives a version of a view that has no content yet the rows of an older version and the states that follow from them, up
/// to where that one has come; the log is read from there on. Only where the rows are all that the log would have given:
/// where no event was refused, and the new version's expressions can be computed for each row.
/// </summary>
internal sealed class ViewSeed(
    CompiledView view, IReadOnlyList<(CompiledView View, ViewStorage Storage)> older, NpgsqlDataSource database, IDocumentStore documents, PartitionTable partitions,
    ViewsOptions options, ILogger logger)
{
    // As many states as are serialised before they are sent.
    private const int EntitiesTogether = 2_000;

    private readonly OnlineViewProjection _projection = new(view.View, options.OnlineSchema);

    /// <summary>Takes over what can be.</summary>
    /// <returns>From what the view is built, for whoever looks at its status; empty where it has content already.</returns>
    public async Task<string> TryAsync(ViewStorage storage, CancellationToken cancellation)
    {
        // The newest of the older versions has come as far as any, and is likely to keep what its successor wants.
        var (from, source) = older.OrderByDescending(one => one.View.View.Version).FirstOrDefault(one => SeedRule.Refuse(view, one.View) is null);
        var reason = from is null ? SeedRule.Refuse(view, older.MaxBy(one => one.View.View.Version).View) : await TakeAsync(storage, source!, cancellation);
        if (reason is null) ViewsLog.Seeded(logger, storage.View.ToString(), storage.BuiltFrom);
        else if (reason.Length > 0) ViewsLog.NotSeeded(logger, storage.View.ToString(), reason);
        return reason is null ? storage.BuiltFrom : reason.Length == 0 ? "" : $"the log's first event on, since {reason}";
    }

    /// <returns>Null when it was done; else why not, which is empty where the view has content already.</returns>
    private async Task<string?> TakeAsync(ViewStorage storage, ViewStorage source, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await storage.LockViewAsync(connection, cancellation);
        if (await partitions.ReadTotalsAsync(connection, storage.View, cancellation) is not null) return "";
        if (await partitions.ReadTotalsAsync(connection, source.View, cancellation) is null) return $"{source.View} has nothing yet";
        await KeepAsync(connection, source, cancellation);
        if (await partitions.ReadTotalsAsync(connection, source.View, cancellation) is not { Position: { } position, Totals: var totals })
            return $"{source.View} has nothing yet";
        if (totals.Quarantined + totals.Duplicates + totals.Unkeyed > 0)
            return $"{source.View} refused or passed over {totals.Quarantined + totals.Duplicates + totals.Unkeyed} events, of which its rows tell nothing";
        await storage.OpenAsync(connection, transaction, position, $"{source.View} up to position {position}, and the log from there on", cancellation);
        if (await WriteStatesAsync(storage, source, position, transaction, cancellation) is { } impossible) return impossible;
        await CopyRowsAsync(connection, storage, source, position, cancellation);
        await partitions.CountAsync(connection, storage.View, storage.Table.Name, cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    // Whoever drops the table to build it again waits until it has been read; readers and the projection do not.
    private static async Task KeepAsync(NpgsqlConnection connection, ViewStorage source, CancellationToken cancellation)
    {
        await using var keep = new NpgsqlCommand($"lock table {source.Table.Name} in access share mode", connection);
        await keep.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>Why the states cannot be what the log would give; null when they were written.</returns>
    private async Task<string?> WriteStatesAsync(ViewStorage storage, ViewStorage source, Position position, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        var images = new List<EntityImage>(EntitiesTogether);
        EntityState? state = null;
        // Read over a connection of its own, since this one writes meanwhile.
        await using var command = database.CreateCommand($"select {storage.Table.ColumnList} from {source.Table.Name} where position <= $1 order by entity, position");
        command.Parameters.Add(new() { Value = checked((long)position.Value) });
        command.CommandTimeout = 0; // All history is read, which ends with the caller's token, not with a clock.
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = storage.Rows.ReadRow(reader);
            if (state is not null && state.EntityKey != row.EntityKey)
            {
                images.Add(EntityImage.Of(state));
                state = null;
                if (images.Count == EntitiesTogether) await WriteAsync(images, transaction, cancellation);
            }
            state ??= view.NewState(row.EntityKey);
            if (!view.CanFold(row)) return $"an expression of this version cannot be computed for the event at position {row.Position}";
            if (state.Offer(row) is not Admission.Admitted and var verdict) return $"this version would not count the event at position {row.Position} ({verdict})";
        }
        if (state is not null) images.Add(EntityImage.Of(state));
        await WriteAsync(images, transaction, cancellation);
        return null;
    }

    private async Task WriteAsync(List<EntityImage> images, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        if (images.Count == 0) return;
        var inTransaction = SessionOptions.ForTransaction(transaction);
        inTransaction.TenantId = view.View.Reference;
        await using var session = documents.LightweightSession(inTransaction);
        await _projection.ApplyAsync(session, [new Event<EntitiesChanged>(new EntitiesChanged(New: images, Changed: []))], cancellation);
        images.Clear();
    }

    private static async Task CopyRowsAsync(NpgsqlConnection connection, ViewStorage storage, ViewStorage source, Position position, CancellationToken cancellation)
    {
        await using var copy = new NpgsqlCommand(
            $"insert into {storage.Table.Name} (partition, {storage.Table.ColumnList}) select partition, {storage.Table.ColumnList} from {source.Table.Name} where position <= $1 order by position", connection)
        { Parameters = { new() { Value = checked((long)position.Value) } }, CommandTimeout = 0 };
        await copy.ExecuteNonQueryAsync(cancellation);
    }
}
