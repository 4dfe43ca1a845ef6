using System.Runtime.CompilerServices;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.Views.FeatureViews;
using Npgsql;

namespace EventFeatures.Views.TrainingSets;

/// <summary>Writes batch views as Parquet, one pass over a view's table for all of its folders.</summary>
/// <param name="host">Whose batch views.</param>
/// <param name="database">Their database.</param>
/// <param name="folder">Where files are until they are taken over.</param>
/// <param name="fileRowsMax">How many rows a file has at most.</param>
public sealed class ViewExport(ProjectionHost host, NpgsqlDataSource database, string folder, long fileRowsMax = 1_000_000) : IViewExport
{
    private readonly ParquetTrainingSetWriter _writer = new();

    /// <inheritdoc/>
    public async Task<long> CountAsync(ViewReference view, Position knownAt, CancellationToken cancellation = default)
    {
        var projection = host.Find(view);
        await using var command = database.CreateCommand($"select count(*) from {projection.Storage.Table.Name} where position <= $1");
        command.Parameters.Add(new() { Value = Bound(knownAt) });
        command.CommandTimeout = 0; // A scan of all history ends with the caller's token, not with a clock.
        return await projection.ReadCommittedAsync(knownAt, async () => (long)(await command.ExecuteScalarAsync(cancellation))!, cancellation);
    }

    /// <inheritdoc/>
    public IReadOnlyList<TrainingColumn> ColumnsOf(CompiledView view, Entity entity) =>
    [
        .. entity.Keys.Select(part => new TrainingColumn(entity.Keys.Count == 1 ? "entity" : $"entity_{part.Name}", ValueKind.String)),
        new("occurred_at", ValueKind.Timestamp), new("recorded_at", ValueKind.Timestamp), new("position", ValueKind.Integer),
        new("stream", ValueKind.String), new("revision", ValueKind.Integer), new("event_id", ValueKind.String), new("event_type", ValueKind.String),
        .. view.Columns.Select(column => new TrainingColumn($"data_{column.Name}", column.Kind)),
    ];

    /// <inheritdoc/>
    public async IAsyncEnumerable<ExportedFile> WriteAsync(
        CompiledView view, Entity entity, Position knownAt, ExportPeriod period, IReadOnlySet<string> except, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var columns = ColumnsOf(view, entity);
        var local = Path.Combine(folder, $".export-{Guid.NewGuid():n}.parquet");
        await using var rows = RowsAsync(ReferenceOf(view), knownAt, period, except, cancellation).GetAsyncEnumerator(cancellation);
        try
        {
            var (part, partition) = (0, "");
            for (var isMore = await rows.MoveNextAsync(); isMore;)
            {
                part = partition == rows.Current.Partition ? part + 1 : 0;
                partition = rows.Current.Partition;
                var count = 0L;
                var digest = await _writer.WriteAsync(local, columns, FileAsync(partition), cancellation);
                yield return new ExportedFile($"{partition}/part-{part}.parquet", local, count, digest);

                async IAsyncEnumerable<IReadOnlyList<Value>> FileAsync(string name)
                {
                    for (; isMore && rows.Current.Partition == name && count < fileRowsMax; isMore = await rows.MoveNextAsync())
                    {
                        yield return ValuesOf(rows.Current.Row, entity);
                        count++;
                    }
                }
            }
        }
        finally
        {
            File.Delete(local);
        }
    }

    private async IAsyncEnumerable<(string Partition, FeatureRow Row)> RowsAsync(
        ViewReference view, Position knownAt, ExportPeriod period, IReadOnlySet<string> except, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var projection = host.Find(view);
        var storage = projection.Storage;
        await using var command = database.CreateCommand(
            $"select {storage.Table.ColumnList} from {storage.Table.Name} where position <= $1 order by occurred_at, position, entity");
        command.Parameters.Add(new() { Value = Bound(knownAt) });
        command.CommandTimeout = 0;
        await using var reader = await projection.ReadCommittedAsync(knownAt, () => command.ExecuteReaderAsync(cancellation), cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = storage.Rows.ReadRow(reader);
            var partition = ExportFolders.NameOf(row.OccurredAt, period);
            if (!except.Contains(partition)) yield return (partition, row);
        }
    }

    private static IReadOnlyList<Value> ValuesOf(FeatureRow row, Entity entity) =>
    [
        .. EntityKeys.Split(entity, row.EntityKey).Select(part => Value.Of(part)),
        Value.Of(row.OccurredAt), Value.Of(row.RecordedAt), Value.Of((long)row.Position.Value),
        Value.Of(row.StreamId), Value.Of(row.Revision), Value.Of(row.EventId.ToString()), Value.Of(row.EventType),
        .. row.Columns,
    ];

    private static ViewReference ReferenceOf(CompiledView view) => new(view.View.Name, view.View.Version);

    // The column is signed; positions past its range do not occur, only bounds such as Position.End.
    private static long Bound(Position position) => (long)Math.Min(position.Value, long.MaxValue);
}
