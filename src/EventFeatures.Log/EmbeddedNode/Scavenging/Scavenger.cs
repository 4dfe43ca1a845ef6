using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Scavenging;

/// <summary>
/// Finds what no read of its stream shows any more, and rewrites the parts of the log that hold some of it, one at a
/// time. Of a removed event its row stays without data: its place, its name and its id, by which retries and links
/// know it.
/// </summary>
internal sealed class Scavenger(EmbeddedNodeOptions options, LogTail tail, ILogger logger)
{
    // "efscav" in ASCII: one scavenge of a database at a time.
    private const long Lock = 0x656673636176;

    // Beyond the new table itself: indexes while they are built, WAL, and whatever else is written meanwhile.
    private const long SpareBytes = 256L * 1024 * 1024;

    public async Task<ScavengeSummary> RunAsync(IReadOnlyCollection<string> keptPrefixes, IProgress<ScavengeProgress>? progress, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.Postgres)
        {
            Pooling = false, CommandTimeout = 0, ApplicationName = "eventfeatures-log-scavenge",
            Options = NodeConnections.Scavenging,
        }.ConnectionString);
        await connection.OpenAsync(cancellation);
        if (await ScalarAsync(connection, FormattableString.Invariant($"SELECT pg_try_advisory_lock({Lock})"), cancellation) is not true)
            throw new ScavengeRefusedException("Another scavenge of this log is under way. Wait until it ends.");
        try
        {
            return await RunAsync(connection, keptPrefixes, progress, cancellation);
        }
        finally
        {
            // Closing frees the lock as well, but only a moment later.
            if (connection.State == System.Data.ConnectionState.Open) await ScalarAsync(connection, FormattableString.Invariant($"SELECT pg_advisory_unlock({Lock})"), CancellationToken.None);
        }
    }

    private async Task<ScavengeSummary> RunAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> keptPrefixes, IProgress<ScavengeProgress>? progress, CancellationToken cancellation)
    {
        await ForgetUnfinishedAsync(connection, cancellation);
        // Whatever is decided, the newest event stays: it is where the log ends.
        var head = tail.Head;
        var now = (options.Time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        var hidden = new HiddenEvents(connection, head, now);
        try
        {
            await hidden.FindAsync(keptPrefixes, streams => progress?.Report(new ScavengeProgress("streams", streams, 0)), cancellation);
            return await RewriteAsync(connection, hidden, head, progress, cancellation);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open) await hidden.ForgetAsync();
        }
    }

    private async Task<ScavengeSummary> RewriteAsync(
        NpgsqlConnection connection, HiddenEvents hidden, long head, IProgress<ScavengeProgress>? progress, CancellationToken cancellation)
    {
        var parts = await PartsAsync(connection, hidden, head, cancellation);
        var total = parts.Sum(part => part.Positions);
        var (done, freed, left) = (0L, 0L, new List<string>());
        var rewritten = new List<PartToRewrite>();
        // Those that need the least room first: what they free makes room for the others.
        foreach (var part in parts.OrderBy(part => part.DiskBytes - part.Bytes))
        {
            var why = await RoomMissingAsync(connection, part, cancellation)
                ?? await RewriteAsync(connection, hidden, part.Part, head, copied => progress?.Report(new ScavengeProgress("rewritten", done + copied, total)), cancellation);
            done += part.Positions;
            if (why is not null) left.Add(why);
            else rewritten.Add(part);
            if (why is null) freed += part.DiskBytes - await DiskBytesAsync(connection, part.Part, cancellation);
            progress?.Report(new ScavengeProgress("rewritten", done, total));
        }
        var summary = new ScavengeSummary
        {
            EventsRemoved = rewritten.Sum(part => part.Events), BytesRemoved = rewritten.Sum(part => part.Bytes), DiskBytesFreed = freed,
            PartsRewritten = rewritten.Count, PartsLeft = left, StreamsKept = hidden.StreamsKept,
        };
        logger.Scavenged(summary.EventsRemoved, summary.PartsRewritten, left.Count);
        return summary;
    }

    private async Task<string?> RewriteAsync(NpgsqlConnection connection, HiddenEvents hidden, Partition part, long head, Action<long> copied, CancellationToken cancellation)
    {
        var rewrite = new PartRewrite(connection, part, hidden, head, options.Time);
        string? why = "cut short";
        try
        {
            why = await rewrite.RunAsync(copied, cancellation);
        }
        finally
        {
            if (why is not null && connection.State == System.Data.ConnectionState.Open) await rewrite.DropAsync();
        }
        // Its newest events may be in memory still, with what was removed from storage.
        if (why is null) tail.Forget();
        return why;
    }

    // Those that have something to remove.
    private static async Task<List<PartToRewrite>> PartsAsync(NpgsqlConnection connection, HiddenEvents hidden, long head, CancellationToken cancellation)
    {
        List<Partition> all = [];
        await using (var read = new NpgsqlCommand("SELECT first, past FROM log.partitions ORDER BY first", connection))
        await using (var rows = await read.ExecuteReaderAsync(cancellation))
            while (await rows.ReadAsync(cancellation)) all.Add(new Partition(rows.GetInt64(0), rows.GetInt64(1)));
        List<PartToRewrite> found = [];
        foreach (var part in all)
        {
            var (events, bytes) = await hidden.CountAsync(part, cancellation);
            if (events > 0) found.Add(new PartToRewrite(part, events, bytes, Math.Min(part.Past, head + 1) - part.First, await DiskBytesAsync(connection, part, cancellation)));
        }
        return found;
    }

    // Where the server's disk can be looked at: elsewhere it is for the server to say that it is full.
    private static async Task<string?> RoomMissingAsync(NpgsqlConnection connection, PartToRewrite part, CancellationToken cancellation)
    {
        if (await FreeBytesAsync(connection, cancellation) is not { } free) return null;
        var needed = 2 * (part.DiskBytes - part.Bytes) + SpareBytes;
        return free >= needed ? null : FormattableString.Invariant(
            $"Positions {part.Part.First} to {part.Part.Past - 1}: rewriting them needs {needed / 1_000_000} MB of free disk and there are {free / 1_000_000} MB; make room and run this again.");
    }

    private static async Task<long?> FreeBytesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            if (connection.Host?.StartsWith('/') != true || await ScalarAsync(connection, "SHOW data_directory", cancellation) is not string folder || !Directory.Exists(folder)) return null;
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }

    // What a scavenge that was killed left behind.
    private static async Task ForgetUnfinishedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var drop = new NpgsqlCommand(
            $"""
            DO $do$
            DECLARE unfinished regclass;
            BEGIN
                FOR unfinished IN SELECT oid::regclass FROM pg_class WHERE relnamespace = 'log'::regnamespace AND relkind = 'r' AND starts_with(relname, '{PartRewrite.NamePrefix}')
                LOOP EXECUTE 'DROP TABLE ' || unfinished; END LOOP;
            END $do$
            """, connection);
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<long> DiskBytesAsync(NpgsqlConnection connection, Partition part, CancellationToken cancellation) =>
        (long)(await ScalarAsync(connection, $"SELECT pg_total_relation_size('{part.Table}')", cancellation))!;

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>A part with something to remove, as it was before.</summary>
    private sealed record PartToRewrite(Partition Part, long Events, long Bytes, long Positions, long DiskBytes);
}
