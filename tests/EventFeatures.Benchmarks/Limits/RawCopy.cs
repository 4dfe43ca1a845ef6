using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>PostgreSQL's COPY of events into a table like the log's, with its indexes: the fastest that rows get in.</summary>
internal static class RawCopy
{
    private const int BatchRows = 5_000;
    private const int Streams = 2_000;

    /// <summary>Rows a second, committed every 5,000.</summary>
    /// <param name="connectionString">A database that has a log.</param>
    /// <param name="payload">Each event's data.</param>
    /// <param name="rows">How many are copied.</param>
    /// <param name="run">How many events of a stream follow on one another, as many as an append has.</param>
    public static async Task<double> MeasureAsync(string connectionString, byte[] payload, int rows, int run)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        await ExecuteAsync(connection, "drop table if exists bench_copy; create table bench_copy (like log.events_0 including all)").ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        for (var done = 0; done < rows; done += BatchRows) await CopyAsync(connection, payload, done, Math.Min(BatchRows, rows - done), run).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        await ExecuteAsync(connection, "drop table bench_copy").ConfigureAwait(false);
        return rows / elapsed.TotalSeconds;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, byte[] payload, int first, int count, int run)
    {
        await using var writer = await connection.BeginBinaryImportAsync(
            "copy bench_copy (position, revision, created, run, event_id, is_json, stream, type, data, metadata) from stdin (format binary)").ConfigureAwait(false);
        var created = TimeProvider.System.GetUtcNow().UtcDateTime;
        for (var row = first; row < first + count; row++)
        {
            var (number, place) = (row / run, row % run);
            await writer.StartRowAsync().ConfigureAwait(false);
            await writer.WriteAsync((long)row, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await writer.WriteAsync((long)number / Streams * run + place, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await writer.WriteAsync(created, NpgsqlDbType.TimestampTz).ConfigureAwait(false);
            await writer.WriteAsync(place == 0 ? run : 0, NpgsqlDbType.Integer).ConfigureAwait(false);
            await writer.WriteAsync(EventIds.Next(), NpgsqlDbType.Uuid).ConfigureAwait(false);
            await writer.WriteAsync(true, NpgsqlDbType.Boolean).ConfigureAwait(false);
            await writer.WriteAsync("card-" + number % Streams, NpgsqlDbType.Text).ConfigureAwait(false);
            await writer.WriteAsync("PaymentAuthorised", NpgsqlDbType.Text).ConfigureAwait(false);
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
