using System.Globalization;
using EventFeatures.Log.EmbeddedNode.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFeatures.Testing.Databases;

/// <summary>
/// Fills a database with a log of many events, by COPY straight into its table: seven in ten go to entities with twenty
/// events each in the mean, three begin a stream of their own, as predictions do.
/// </summary>
public static class SyntheticLog
{
    private const int CopyEvents = 50_000;
    private const int OwnStreamsOfTen = 3;
    private const long Begin = 1_767_225_600_000_000;
    private static readonly byte[] Metadata = "{\"$correlationId\":\"synthetic\"}"u8.ToArray();

    /// <summary>How many entities a log of so many events has.</summary>
    public static int Entities(long events) => (int)Math.Max(1_000, events * (10 - OwnStreamsOfTen) / 200);

    /// <summary>The name of an entity's stream.</summary>
    public static string Entity(int number) => string.Create(CultureInfo.InvariantCulture, $"card-{number}");

    /// <summary>The name of the stream that an event has of its own.</summary>
    public static string Own(long position) => string.Create(CultureInfo.InvariantCulture, $"prediction-{Mixed(position):x16}");

    /// <summary>Fills a database that has no log yet, and on which no node runs.</summary>
    public static async Task FillAsync(string postgres, long events, Func<long, byte[]> payload, long partitionEvents, IProgress<long> progress, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(postgres + ";Pooling=false;Command Timeout=0");
        await connection.OpenAsync(cancellation);
        await LogSchema.EnsureAsync(connection, partitionEvents, NullLogger.Instance, cancellation);
        var partitions = new Partitions(partitionEvents);
        await partitions.LoadAsync(connection, cancellation);
        var revisions = new int[Entities(events)];
        for (long done = 0; done < events; done = Math.Min(events, done + CopyEvents))
        {
            await partitions.ReachAsync(connection, Math.Min(events, done + CopyEvents), cancellation);
            await CopyAsync(connection, done + 1, Math.Min(events, done + CopyEvents), payload, revisions, cancellation);
            progress.Report(done);
        }
    }

    private static async Task CopyAsync(NpgsqlConnection connection, long from, long to, Func<long, byte[]> payload, int[] revisions, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(EventRow.Copy, cancellation);
        await copy.WriteAsync(EventRow.Header, cancellation);
        for (var position = from; position <= to; position++)
        {
            var mixed = Mixed(position);
            var isOwn = mixed % 10 < OwnStreamsOfTen;
            var entity = (int)(mixed / 10 % (ulong)revisions.Length);
            var stream = isOwn ? Own(position) : Entity(entity);
            var data = payload(position);
            var row = new byte[EventRow.Size(stream, "PaymentAuthorised", data.Length, Metadata.Length)];
            EventRow.Encode(row, 0, new Guid((int)position, (short)(position >> 32), 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0), isJson: true, stream, "PaymentAuthorised", data, Metadata, out _, out _);
            var stored = new StoredEvent(stream, "PaymentAuthorised", default, isJson: true, default, default)
            {
                Position = position,
                Revision = isOwn ? 0 : revisions[entity]++,
                CreatedMicroseconds = Begin + position * 1_000,
            };
            EventRow.Stamp(row, 0, stored, run: 1);
            await copy.WriteAsync(row, cancellation);
        }
        await copy.WriteAsync(EventRow.Trailer, cancellation);
    }

    private static ulong Mixed(long position)
    {
        var mixed = (ulong)position * 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93UL;
        return mixed ^ (mixed >> 32);
    }
}
