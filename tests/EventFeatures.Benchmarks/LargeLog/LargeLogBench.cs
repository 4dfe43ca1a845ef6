using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Faults.Rig;
using Npgsql;

namespace EventFeatures.Benchmarks.LargeLog;

/// <summary>Fills a log with many events and says what it costs at that size.</summary>
internal sealed class LargeLogBench(BenchOptions options, Action<string> progress)
{
    private const int SharedBuffersMegabytes = 512;
    private const int ReadEvents = 200_000;
    private const int Batch = 500;

    private readonly string _home = Path.Combine(Path.GetTempPath(), "eventfeatures-bench-log-" + Environment.ProcessId);
    private readonly TimeSpan _each = TimeSpan.FromSeconds(options.Quick ? 1 : 5);
    private string _postgres = "";

    public async IAsyncEnumerable<Figure> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await using var cluster = await KillableCluster.StartAsync(Path.Combine(_home, "cluster"), sharedBuffersMegabytes: SharedBuffersMegabytes).ConfigureAwait(false);
            _postgres = await cluster.CreateDatabaseAsync("bench").ConfigureAwait(false);
            yield return await FillAsync(cancellation).ConfigureAwait(false);
            await foreach (var figure in SizesAsync(cancellation).ConfigureAwait(false)) yield return figure;
            await foreach (var figure in RestartsAsync(cluster, cancellation).ConfigureAwait(false)) yield return figure;
            await using (var node = await EmbeddedNode.StartAsync(Options, cancellation).ConfigureAwait(false))
            await using (var log = EventStoreLog.Connect(node.ConnectionString))
                await foreach (var figure in UsesAsync(log, cancellation).ConfigureAwait(false)) yield return figure;
            yield return await BackupAsync(cancellation).ConfigureAwait(false);
            await foreach (var figure in ScavengeAsync(cancellation).ConfigureAwait(false)) yield return figure;
        }
        finally
        {
            if (Directory.Exists(_home)) Directory.Delete(_home, recursive: true);
        }
    }

    // Ten parts, as a log of 100 million events has by default.
    private EmbeddedNodeOptions Options => new() { Postgres = _postgres, PartitionEvents = Math.Clamp(options.Events / 10, 1_000, 10_000_000) };

    private async Task<Figure> FillAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var told = new Progress<long>(done =>
        {
            if (done % 1_000_000 == 0) progress(string.Create(CultureInfo.InvariantCulture, $"filled {done:N0} of {options.Events:N0}"));
        });
        await SyntheticLog.FillAsync(_postgres, options.Events, BenchEvents.Payload, Options.PartitionEvents, told, cancellation).ConfigureAwait(false);
        return new Figure("fill by COPY", Rate(options.Events, watch.Elapsed), string.Create(CultureInfo.InvariantCulture, $"{options.Events:N0} events in {SyntheticLog.Entities(options.Events):N0} long streams and {options.Events * 3 / 10:N0} short ones"));
    }

    private async IAsyncEnumerable<Figure> SizesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (what, relations) in new[]
        {
            ("disk: events", "c.relkind = 'r'"), ("disk: index of positions", "c.relname like '%position'"),
            ("disk: index of streams", "c.relname like '%revision'"), ("disk: index of closed streams", "c.relname like '%closed'"),
        })
        {
            var bytes = (long)(await ScalarAsync(
                $"select coalesce(sum(pg_relation_size(c.oid)), 0)::bigint from pg_class c where c.relnamespace = 'log'::regnamespace and c.relname ~ '^events_[0-9]' and {relations}", cancellation).ConfigureAwait(false))!;
            yield return new Figure(what, Megabytes(bytes), string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / options.Events:0.0} bytes an event"));
        }
    }

    private async IAsyncEnumerable<Figure> RestartsAsync(KillableCluster cluster, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var parts = (long)(await ScalarAsync("select count(*) from log.partitions", cancellation).ConfigureAwait(false))!;
        var watch = Stopwatch.StartNew();
        await using (await EmbeddedNode.StartAsync(Options, cancellation).ConfigureAwait(false))
        {
            watch.Restart();
            while (await ScalarAsync("select count(*) from log.partitions where filter is not null", cancellation).ConfigureAwait(false) is long noted && noted < parts - 1)
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellation).ConfigureAwait(false);
            yield return new Figure("note which streams a part has", Seconds(watch.Elapsed / Math.Max(1, parts - 1)), "once for each part that is full, beside all else");
        }
        var filters = (long)(await ScalarAsync("select coalesce(sum(length(filter)), 0)::bigint from log.partitions", cancellation).ConfigureAwait(false))!;
        yield return new Figure("memory: streams of full parts", Megabytes(filters), string.Create(CultureInfo.InvariantCulture, $"{(double)filters / options.Events:0.00} bytes an event"));
        watch.Restart();
        await using (await EmbeddedNode.StartAsync(Options, cancellation).ConfigureAwait(false)) yield return new Figure("restart the node", Seconds(watch.Elapsed));
        await cluster.KillAsync().ConfigureAwait(false);
        watch.Restart();
        await cluster.RestartAsync().ConfigureAwait(false);
        yield return new Figure("restart PostgreSQL after kill -9", Seconds(watch.Elapsed), "bounded by max_wal_size, 8 GB, not by the log");
        watch.Restart();
        await using (await EmbeddedNode.StartAsync(Options, cancellation).ConfigureAwait(false)) yield return new Figure("restart the node on a restarted PostgreSQL", Seconds(watch.Elapsed), "PostgreSQL's buffers are cold, the operating system's file cache is warm");
    }

    private async IAsyncEnumerable<Figure> UsesAsync(EventStoreLog log, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var entities = SyntheticLog.Entities(options.Events);
        var scans = await ScansAsync(cancellation).ConfigureAwait(false);
        var pages = await Load.RunAsync(4, _each, async (caller, number) =>
            await log.ReadStreamAsync(SyntheticLog.Entity((int)((caller * 7_919L + number * 104_729L) % entities)), cancellation: cancellation).CountAsync(cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        yield return new Figure("read a long stream whole", Each(pages), pages.Latency);
        var newest = await Load.RunAsync(4, _each, async (caller, number) =>
            await log.ReadStreamAsync(SyntheticLog.Entity((int)((caller * 7_907L + number * 104_723L) % entities)), ReadDirection.Backwards, countMax: 1, cancellation: cancellation).CountAsync(cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        yield return new Figure("read a stream's newest event", Each(newest), newest.Latency);
        foreach (var (from, name) in new[] { (0L, "start"), (options.Events / 2, "middle"), (Math.Max(0, options.Events - ReadEvents), "end") })
        {
            var watch = Stopwatch.StartNew();
            var read = await log.ReadAllAsync(ReadDirection.Forwards, new Position((ulong)from), null, ReadEvents, cancellation).CountAsync(cancellation).ConfigureAwait(false);
            yield return new Figure($"read $all from the {name}", Rate(read, watch.Elapsed));
        }
        var known = await Load.RunAsync(64, _each, async (caller, number) =>
            await log.AppendToStreamAsync(SyntheticLog.Entity((int)((caller * 7_901L + number * 104_717L) % entities)), StreamState.StreamExists, [NewEvent()], cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        yield return new Figure("append to old streams, 64 callers", Each(known), known.Latency);
        var fresh = await Load.RunAsync(64, _each, async (caller, number) =>
            await log.AppendToStreamAsync(string.Create(CultureInfo.InvariantCulture, $"fresh-{caller}-{number}"), StreamState.NoStream, [NewEvent()], cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        yield return new Figure("append to new streams, 64 callers", Each(fresh), fresh.Latency);
        var batches = await Load.RunAsync(4, _each, async (caller, number) =>
            await log.AppendToStreamAsync(string.Create(CultureInfo.InvariantCulture, $"batch-{caller}-{number}"), StreamState.NoStream, [.. Enumerable.Range(0, Batch).Select(_ => NewEvent())], cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        yield return new Figure($"append batches of {Batch}, 4 in flight", Rate(batches.PerSecond * Batch, TimeSpan.FromSeconds(1)), batches.Latency);
        scans = await ScansAsync(cancellation).ConfigureAwait(false) - scans;
        yield return new Figure("rows read without an index meanwhile", scans.ToString(CultureInfo.InvariantCulture), "every look-up is to use an index");
    }

    private async Task<long> ScansAsync(CancellationToken cancellation) =>
        (long)(await ScalarAsync("select coalesce(sum(seq_tup_read), 0)::bigint from pg_stat_user_tables where schemaname = 'log' and relname ~ '^events_[0-9]'", cancellation).ConfigureAwait(false))!;

    private async Task<Figure> BackupAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var manifest = await LogBackup.RunAsync(_postgres, Path.Combine(_home, "backup"), null, cancellation).ConfigureAwait(false);
        var bytes = manifest.Segments.Sum(segment => segment.Bytes);
        return new Figure("back up all of it", Rate(manifest.Events, watch.Elapsed), $"{Megabytes(bytes)} in {Seconds(watch.Elapsed)}");
    }

    // One entity in four keeps but its newest events, so that a sixth of the log may go and every part is rewritten.
    private async IAsyncEnumerable<Figure> ScavengeAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Directory.Delete(Path.Combine(_home, "backup"), recursive: true);
        await using var node = await EmbeddedNode.StartAsync(Options, cancellation).ConfigureAwait(false);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var bounded = Enumerable.Range(0, SyntheticLog.Entities(options.Events)).Where(entity => entity % 4 == 0);
        await Parallel.ForEachAsync(bounded, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation }, async (entity, token) =>
            await log.SetStreamMetadataAsync(SyntheticLog.Entity(entity), StreamState.Any, new StreamMetadata { MaxCount = 2 }, token).ConfigureAwait(false)).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var scavenge = node.ScavengeAsync([], null, cancellation);
        using var over = new CancellationTokenSource();
        _ = scavenge.ContinueWith(_ => over.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var longest = TimeSpan.Zero;
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            var begun = Stopwatch.GetTimestamp();
            await log.AppendToStreamAsync(string.Create(CultureInfo.InvariantCulture, $"during-{number}"), StreamState.NoStream, [NewEvent()], cancellation).ConfigureAwait(false);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
        }
        var summary = await scavenge.ConfigureAwait(false);
        yield return new Figure("scavenge", Seconds(watch.Elapsed), string.Create(CultureInfo.InvariantCulture, $"{summary.EventsRemoved:N0} events and {Megabytes(summary.BytesRemoved)} of data removed, {summary.PartsRewritten} parts rewritten, {summary.PartsLeft.Count} left"));
        yield return new Figure("scavenge: disk freed", Megabytes(summary.DiskBytesFreed));
        yield return new Figure("scavenge: longest append meanwhile", Seconds(longest), "it waits for a part's exchange");
    }

    private static EventData NewEvent() => new(Guid.NewGuid(), "PaymentAuthorised", BenchEvents.Payload(1));

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(_postgres + ";Pooling=false;Command Timeout=0");
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    private static string Rate(double count, TimeSpan elapsed) => string.Create(CultureInfo.InvariantCulture, $"{count / elapsed.TotalSeconds:N0} events/s");

    private static string Each(Load.Result result) => string.Create(CultureInfo.InvariantCulture, $"{result.PerSecond:N0}/s");

    private static string Seconds(TimeSpan elapsed) => string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:0.00} s");

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB");
}
