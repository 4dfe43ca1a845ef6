using System.Diagnostics;
using EventFeatures.Views.FeatureViews;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>PostgreSQL's upsert by <c>unnest</c> of entities' documents, a batch a transaction: the least that keeping views durable costs.</summary>
internal static class RawUpsert
{
    /// <summary>How many events are written together: usually, and by a view, of which the more fall upon the same entity.</summary>
    public static readonly int[] BatchEvents = [5_000, new ViewsOptions().BatchEventsMax];

    /// <summary>Events a second, each batch writing its distinct entities' documents once.</summary>
    /// <param name="connectionString">The server.</param>
    /// <param name="documentOf">An entity's document.</param>
    /// <param name="entityOf">The entity of an event, by the event's number.</param>
    /// <param name="events">How many events.</param>
    /// <param name="batchEvents">How many of them are written together.</param>
    public static async Task<double> MeasureAsync(string connectionString, Func<string, byte[]> documentOf, Func<long, string> entityOf, int events, int batchEvents)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        await ExecuteAsync(connection, "drop table if exists bench_upsert; create table bench_upsert (id text primary key, document bytea not null, position bigint not null)").ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        for (var done = 0; done < events; done += batchEvents)
        {
            var first = done;
            string[] ids = [.. Enumerable.Range(first, Math.Min(batchEvents, events - first)).Select(number => entityOf(number)).Distinct()];
            await using var command = new NpgsqlCommand(
                "insert into bench_upsert select * from unnest(@ids, @documents, @positions) on conflict (id) do update set document = excluded.document, position = excluded.position", connection);
            command.Parameters.Add(new("ids", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = ids });
            command.Parameters.Add(new("documents", NpgsqlDbType.Array | NpgsqlDbType.Bytea) { Value = ids.Select(documentOf).ToArray() });
            command.Parameters.Add(new("positions", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = ids.Select(_ => (long)first).ToArray() });
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        var elapsed = watch.Elapsed;
        await ExecuteAsync(connection, "drop table bench_upsert").ConfigureAwait(false);
        return events / elapsed.TotalSeconds;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
