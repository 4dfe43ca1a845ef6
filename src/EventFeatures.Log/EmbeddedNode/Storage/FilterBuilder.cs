using EventFeatures.Log.EmbeddedNode.Reading;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// Notes which streams each part of the log has, once it is full. Until then, and where that fails, streams are looked
/// up in that part as well: it is a matter of speed alone.
/// </summary>
internal sealed class FilterBuilder(NpgsqlDataSource readers, Partitions partitions, LogTail tail, ILogger logger)
{
    // After a failure, the next try comes once the log has moved on by as much.
    private const long RetryAfterEvents = 10_000;

    /// <summary>Runs until it is cancelled, and then just ends.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var part = partitions.FirstWithoutFilter;
                // One commit may fill a part and begin the next; both are in storage when the next has an event.
                await tail.WaitForAsync(part.Past, cancellation);
                partitions.Seal(part, await BuildAsync(part, cancellation));
                logger.PartitionFull(part.First, part.Past - 1);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                logger.FilterFailed(failure.Message);
                await tail.WaitForAsync(tail.Head + RetryAfterEvents, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The streams of a part, each of which has a run there.</summary>
    public static string Streams(Partition part) => $"SELECT DISTINCT stream FROM {part.Table} WHERE run > 0";

    private async Task<StreamFilter> BuildAsync(Partition part, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        await using var count = new NpgsqlCommand($"SELECT count(*) FROM ({Streams(part)}) AS streams", connection) { CommandTimeout = 0 };
        var filter = StreamFilter.WithRoomFor((long)(await count.ExecuteScalarAsync(cancellation))!);
        await using (var streams = new NpgsqlCommand(Streams(part), connection) { CommandTimeout = 0 })
        await using (var rows = await streams.ExecuteReaderAsync(cancellation))
            while (await rows.ReadAsync(cancellation)) filter.Add(rows.GetString(0));
        await using var store = new NpgsqlCommand("UPDATE log.partitions SET filter = $1 WHERE first = $2", connection)
        {
            Parameters = { new NpgsqlParameter<byte[]> { TypedValue = filter.Bytes }, new NpgsqlParameter<long> { TypedValue = part.First } },
        };
        await store.ExecuteNonQueryAsync(cancellation);
        return filter;
    }
}
