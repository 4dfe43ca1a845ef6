using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Monitoring;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>Works that one worker does at a time, a row each. Time decides who may take one, the owner's name in the row who may write.</summary>
internal sealed class SharedWork(NpgsqlDataSource database, string schema, string worker) : ISharedWork
{
    private readonly Guid _owner = Guid.NewGuid();
    private readonly string _table = $"{PostgresText.Identifier(schema)}.shared_work";

    /// <summary>Makes the table where it is missing.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var create = new NpgsqlCommand(
            $"""
            create table if not exists {_table} (
                work text primary key,
                owner uuid,
                worker text,
                expires_at timestamptz not null,
                state text not null
            )
            """, connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task<string?> TryTakeAsync(string work, TimeSpan duration, CancellationToken cancellation = default)
    {
        await using var take = database.CreateCommand(
            $"""
            insert into {_table} as held (work, owner, worker, expires_at, state) values ($1, $2, $3, clock_timestamp() + $4, '')
            on conflict (work) do update set owner = excluded.owner, worker = excluded.worker, expires_at = excluded.expires_at
            where held.owner is null or held.owner = excluded.owner or held.worker = excluded.worker or held.expires_at <= clock_timestamp()
            returning state
            """);
        Add(take, work, _owner, worker, duration);
        return await AskAsync(async () => (string?)await take.ExecuteScalarAsync(cancellation));
    }

    /// <inheritdoc/>
    public async Task<bool> KeepAsync(string work, string state, TimeSpan duration, CancellationToken cancellation = default)
    {
        await using var keep = database.CreateCommand($"update {_table} set state = $3, expires_at = clock_timestamp() + $4 where work = $1 and owner = $2");
        Add(keep, work, _owner, state, duration);
        return await AskAsync(async () => await keep.ExecuteNonQueryAsync(cancellation) == 1);
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(string work, CancellationToken cancellation = default)
    {
        await using var leave = database.CreateCommand($"update {_table} set owner = null, worker = null where work = $1 and owner = $2");
        Add(leave, work, _owner);
        await AskAsync(() => leave.ExecuteNonQueryAsync(cancellation));
    }

    /// <inheritdoc/>
    public async Task<SharedWorkState?> ReadAsync(string work, CancellationToken cancellation = default)
    {
        await using var read = database.CreateCommand($"select state, case when expires_at > clock_timestamp() then worker end from {_table} where work = $1");
        Add(read, work);
        return await AskAsync(async () =>
        {
            await using var reader = await read.ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation) ? new SharedWorkState(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1)) : null;
        });
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> query)
    {
        try
        {
            return await query();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ViewUnavailableException($"The workers' database cannot be asked: {exception.Message} See to PostgreSQL and ask again.", exception);
        }
    }

    private static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
    }
}
