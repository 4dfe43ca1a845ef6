using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Views.FeatureViews;

/// <summary>Builds a view from the log's first event in schemas of its own, compares it with the one that serves, and drops it.</summary>
internal sealed class RebuildBeside(
    ViewProjection serving, IEventLog log, NpgsqlDataSource database, ViewsOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly ViewsOptions _beside = options with
    {
        WorkerName = null, ServesOnly = false, MeterName = Telemetry.ViewsTelemetry.SourceName + ".Rebuild",
        OnlineSchema = SchemaOf(options.OnlineSchema, serving.Storage.View), BatchSchema = SchemaOf(options.BatchSchema, serving.Storage.View),
    };

    private ViewReference View => serving.Storage.View;

    public async Task<RebuildComparison> CompareAsync(IProgress<ViewStatus>? progress, CancellationToken cancellation)
    {
        if (options.ServesOnly) throw new ViewUnavailableException($"View '{View}' is only served here. Have a server build it again that projects it.");
        await using var alone = await database.OpenConnectionAsync(cancellation);
        await using (var take = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended($1, 0))", alone) { Parameters = { new() { Value = _beside.OnlineSchema } } })
            if (await take.ExecuteScalarAsync(cancellation) is not true)
                throw new ViewUnavailableException($"View '{View}' is being built again already. Wait until that has ended, and ask again.");
        try
        {
            // What a process left that was killed while it did this.
            await DropAsync(alone, cancellation);
            await BuildAsync(progress, cancellation);
            return await CompareAsync(alone, cancellation);
        }
        finally
        {
            await DropAsync(alone, CancellationToken.None);
            await using var leave = new NpgsqlCommand("select pg_advisory_unlock_all()", alone);
            await leave.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private async Task BuildAsync(IProgress<ViewStatus>? progress, CancellationToken cancellation)
    {
        await using var host = new ProjectionHost(log, new OneView(serving.View), database, _beside, time, loggers);
        await host.StartAsync(cancellation);
        using var timer = new PeriodicTimer(Look, time);
        ViewStatus status;
        do
        {
            await timer.WaitForNextTickAsync(cancellation);
            status = host.StatusOf(View)!;
            progress?.Report(status);
            if (status.Fault is { } fault) throw new ViewUnavailableException($"View '{View}' cannot be built beside the one that serves. {fault}");
        }
        while (status.State != "live");
        await host.StopAsync();
    }

    // In one snapshot of the database, up to where the copy has come.
    private async Task<RebuildComparison> CompareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var position = await PositionAsync(connection, cancellation);
        await serving.CommittedAsync(position, options.BatchReadDeadline, cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var (rows, row) = await CompareAsync(connection, RowsQuery, position, cancellation);
        var (entities, state) = await CompareAsync(connection, StatesQuery, position, cancellation);
        var changed = await CountChangedAsync(connection, position, cancellation);
        return new RebuildComparison(
            position, entities - changed, rows, changed,
            row is not null ? $"Entity '{row}' has other rows than the log gives." : state is not null ? $"Entity '{state}' has another state than the log gives." : null);
    }

    private string Rebuilt(string schema, string table) => $"{PostgresText.Identifier(schema)}.{table}";

    private string Copied => serving.Storage.Table.Name.Replace(
        PostgresText.Identifier(options.BatchSchema) + ".", PostgresText.Identifier(_beside.BatchSchema) + ".", StringComparison.Ordinal);

    // A row as text shows every column, also those of types that PostgreSQL cannot compare.
    private string RowsQuery =>
        $"""
        select count(*), min(entity) filter (where differs) from (
            select coalesce(a.entity, b.entity) collate "C" as entity, a.content is distinct from b.content as differs
            from (select entity, position, t::text as content from {serving.Storage.Table.Name} t where position <= $1) a
            full join (select entity, position, t::text as content from {Copied} t) b on a.position = b.position and a.entity = b.entity) as compared
        where $2 is not null
        """;

    private string StatesQuery =>
        $"""
        select count(*), min(id) filter (where differs) from (
            select coalesce(a.id, b.id) collate "C" as id,
                coalesce((a.data ->> 'LastPosition')::numeric <= $1, true) and a.data ->> 'State' is distinct from b.data ->> 'State' as differs
            from (select id, data from {Rebuilt(options.OnlineSchema, OnlineStore.EntityTable)} where tenant_id = $2) a
            full join (select id, data from {Rebuilt(_beside.OnlineSchema, OnlineStore.EntityTable)} where tenant_id = $2) b on a.id = b.id) as compared
        """;

    private async Task<(long Count, string? FirstDifferent)> CompareAsync(NpgsqlConnection connection, string query, Position position, CancellationToken cancellation)
    {
        await using var command = Command(connection, query, position);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : PostgresText.Decode(reader.GetString(1)));
    }

    private async Task<long> CountChangedAsync(NpgsqlConnection connection, Position position, CancellationToken cancellation)
    {
        await using var command = Command(
            connection, $"select count(*) from {Rebuilt(options.OnlineSchema, OnlineStore.EntityTable)} where tenant_id = $2 and (data ->> 'LastPosition')::numeric > $1", position);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string query, Position position) => new(query, connection)
    {
        Parameters = { new() { Value = checked((long)position.Value) }, new() { Value = View.ToString() } },
        CommandTimeout = 0, // All history is compared, which ends with the caller's token, not with a clock.
    };

    private async Task<Position> PositionAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select coalesce(min(position), 0) from {Rebuilt(_beside.OnlineSchema, "view_partition")}", connection);
        return new Position((ulong)(long)(await command.ExecuteScalarAsync(cancellation))!);
    }

    private async Task DropAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var drop = new NpgsqlCommand(
            $"drop schema if exists {PostgresText.Identifier(_beside.OnlineSchema)} cascade; drop schema if exists {PostgresText.Identifier(_beside.BatchSchema)} cascade", connection)
        { CommandTimeout = 0 };
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    // Short enough for an identifier, whatever the view's name.
    private static string SchemaOf(string schema, ViewReference view) =>
        $"{schema}_rebuild_{EventIds.Derive("rebuild", view.ToString()):n}";

    /// <summary>A registry of one view, which never changes.</summary>
    private sealed class OneView(CompiledView view) : IRegistry
    {
        public RegistrySnapshot Current { get; } = RegistrySnapshot.Empty with
        {
            Views = new Dictionary<ViewReference, CompiledView> { [new ViewReference(view.View.Name, view.View.Version)] = view },
        };

        public string? Fault => null;

        public Task SeenAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) => Task.CompletedTask;

        public Task ChangedAsync(RegistrySnapshot known, CancellationToken cancellation = default) => Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }
}
