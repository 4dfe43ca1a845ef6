using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>PostgreSQL's COPY of event-like rows into a table with the log's indexes: the fastest that rows get in.</summary>
internal static class RawCopy
{
    private const int BatchRows = 5_000;

    /// <summary>Rows a second, committed every 5,000.</summary>
    public static async Task<double> MeasureAsync(string connectionString, byte[] payload, int rows)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        await ExecuteAsync(connection, "drop table if exists bench_copy; create table bench_copy (position bigint primary key, stream text not null, revision bigint not null, id uuid not null, type text not null, created bigint not null, data bytea not null, metadata bytea not null); create unique index on bench_copy (stream, revision)").ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        for (var done = 0; done < rows; done += BatchRows) await CopyAsync(connection, payload, done, Math.Min(BatchRows, rows - done)).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        await ExecuteAsync(connection, "drop table bench_copy").ConfigureAwait(false);
        return rows / elapsed.TotalSeconds;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, byte[] payload, int first, int count)
    {
        await using var writer = await connection.BeginBinaryImportAsync("copy bench_copy from stdin (format binary)").ConfigureAwait(false);
        for (var row = first; row < first + count; row++)
        {
            await writer.StartRowAsync().ConfigureAwait(false);
            await writer.WriteAsync((long)row, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await writer.WriteAsync("card-" + row % 2000, NpgsqlDbType.Text).ConfigureAwait(false);
            await writer.WriteAsync((long)row / 2000, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await writer.WriteAsync(EventIds.Next(), NpgsqlDbType.Uuid).ConfigureAwait(false);
            await writer.WriteAsync("PaymentAuthorised", NpgsqlDbType.Text).ConfigureAwait(false);
            await writer.WriteAsync((long)row, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await writer.WriteAsync(payload, NpgsqlDbType.Bytea).ConfigureAwait(false);
            await writer.WriteAsync(Array.Empty<byte>(), NpgsqlDbType.Bytea).ConfigureAwait(false);
        }
        await writer.CompleteAsync().ConfigureAwait(false);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
