using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Seeding;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Views.FeatureViews;

/// <summary>
/// One view's version, kept running from start to stop over any number of runs, and read: from the present run where the
/// entity's partition is in it, and else from what other workers committed.
/// </summary>
internal sealed class ViewProjection(
    CompiledView view, IEventLog log, ViewStorage storage, WorkerLeases leases, ForeignReads foreign, ViewsOptions options,
    ViewsTelemetry telemetry, ViewChanges changes, TimeProvider time, ILogger logger, ViewSeed? seed = null)
{
    private readonly ViewHealth _health = new(storage.View, options, time, logger);
    private readonly OwnReads _own = new(view, storage, options);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private volatile TaskCompletionSource<ViewRun> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _runs;
    private Task _running = Task.CompletedTask;
    private volatile PartitionMap? _map;
    private volatile ViewSeed? _seed = seed;

    public CompiledView View { get; } = view;

    public ViewStorage Storage { get; } = storage;

    /// <summary>The present run; null while there is none.</summary>
    public ViewRun? Run => _ready.Task.IsCompletedSuccessfully ? _ready.Task.Result : null;

    /// <summary>Starts, once the projection that this one replaces has ended.</summary>
    public void Start(Task? predecessor = null)
    {
        _runs = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var cancellation = _runs.Token;
        _running = Task.Run(async () =>
        {
            if (predecessor is not null) await predecessor.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RunAsync(cancellation);
        }, CancellationToken.None);
    }

    /// <summary>Ends the run; with <paramref name="commit"/>, what was folded is committed first, within the deadline.</summary>
    public async Task StopAsync(bool commit)
    {
        await _lifecycle.WaitAsync();
        try
        {
            await EndRunAsync(commit);
            await _stop.CancelAsync();
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Drops all content and starts again from the log's first event.</summary>
    public async Task RebuildAsync(CancellationToken cancellation)
    {
        if (options.ServesOnly) throw Unavailable("is only served here. Have a server build it again that projects it.");
        await _lifecycle.WaitAsync(cancellation);
        try
        {
            if (_stop.IsCancellationRequested) throw Unavailable("is stopped for good. Start the host again.");
            ViewsLog.Rebuilding(logger, Storage.View.ToString());
            await EndRunAsync(commit: false);
            _seed = null;
            try
            {
                await Storage.ClearAsync(unlessFormat: null, cancellation);
            }
            catch (PostgresException read) when (read.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                throw new ViewUnavailableException($"View '{Storage.View}' cannot be dropped while its tables are read, as by an export or a training set. It goes on as it was; ask again when that has ended.", read);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new ViewUnavailableException($"View '{Storage.View}' cannot be dropped: {exception.Message} It goes on as it was; see to the database and ask again.", exception);
            }
            finally
            {
                Start();
            }
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    public async ValueTask<ViewReading> ReadAsync(string entityKey, Instant asOf, Position? minPosition, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var run = Run ?? await ReadyAsync(Left(started, options.ReadDeadline), cancellation);
            var partition = Storage.Partitions.OfEntity(entityKey);
            try
            {
                if (!run.Owned.Has(partition)) return await Storage.AskAsync(() => foreign.ReadAsync(entityKey, partition, asOf, minPosition, cancellation));
                if (minPosition is { } position && !(position <= run.Owned.CoveredBy(partition, null))) await SeenHereAsync(run, position, options.ReadDeadline, cancellation);
                return await _own.ReadAsync(run, partition, entityKey, asOf, cancellation);
            }
            catch (RunYieldedException) when (time.GetElapsedTime(started) < options.ReadDeadline)
            {
                // The next run tells where the partition is now.
            }
        }
    }

    /// <inheritdoc cref="IOnlineViews.BacklogOf"/>
    public ViewBacklog BacklogOf(string entityKey)
    {
        if (Run is not { } run) return default;
        var partition = Storage.Partitions.OfEntity(entityKey);
        if (!run.Owned.Has(partition)) return _map?.BacklogOf(partition) ?? new ViewBacklog(run.Owned.Elsewhere.Gap, run.Owned.Elsewhere.Lag);
        var (_, _, gap, lag) = run.Progress.Backlog();
        return new ViewBacklog(gap, lag);
    }

    /// <inheritdoc cref="IViewChanges.LastPositionOf"/>
    public Position? LastPositionOf(string entityKey)
    {
        if (Run is not { } run || !run.Owned.Has(Storage.Partitions.OfEntity(entityKey))) return null;
        return run.States.Find(entityKey) is { } hot ? hot.LastPosition : run.States.IsComplete ? Position.Start : null;
    }

    /// <summary>Waits until a position is visible, and then until it is in the database, in all partitions.</summary>
    public Task CommittedAsync(Position position, TimeSpan deadline, CancellationToken cancellation) =>
        WithRunAsync(deadline, async (run, left) =>
        {
            await SeenAsync(run, position, left, cancellation);
            await run.Writes.CommittedAsync(Storage.View, position, left, cancellation);
        }, cancellation);

    /// <summary>Reads from the database what is there once a position is, in all partitions; without one, once all is there that is visible now.</summary>
    /// <param name="position">The position.</param>
    /// <param name="read">Reads it, in one statement, or begins to. It is called again where another worker emptied the view meanwhile, to build it again.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<T> ReadCommittedAsync<T>(Position? position, Func<Task<T>> read, CancellationToken cancellation)
    {
        var answer = default(T);
        await WithRunAsync(options.BatchReadDeadline, async (run, left) =>
        {
            if (position is { } wanted) await SeenAsync(run, wanted, left, cancellation);
            // A run that begins anew meanwhile sees less at first.
            position ??= run.Progress.Known;
            await run.Writes.CommittedAsync(Storage.View, position ?? Position.Start, left, cancellation);
            answer = await Storage.AskAsync(read);
            try
            {
                await _own.ConfirmAsync(run, cancellation);
            }
            catch when (answer is IAsyncDisposable begun)
            {
                await begun.DisposeAsync();
                throw;
            }
        }, cancellation);
        return answer!;
    }

    /// <summary>Waits until a position is visible in all partitions.</summary>
    public Task SeenAsync(Position position, TimeSpan deadline, CancellationToken cancellation) =>
        WithRunAsync(deadline, (run, left) => SeenAsync(run, position, left, cancellation), cancellation);

    /// <summary>How far the present run is behind, for the other workers to know; null where it owns nothing.</summary>
    public Backlog? Backlog()
    {
        if (Run is not { Owned.IsEmpty: false } run) return null;
        var (_, live, gap, lag) = run.Progress.Backlog();
        return new Backlog(lag.TotalSeconds, gap, live);
    }

    /// <summary>Learns who owns what, and yields where a run shall own other partitions.</summary>
    /// <param name="map">What the database said after <paramref name="run"/> was the present run.</param>
    /// <param name="run">The run that it is about; null if there was none.</param>
    public void Observe(PartitionMap map, ViewRun? run)
    {
        _map = map;
        if (run is not null && run == Run && map.Differs(run.Owned)) run.Yield();
    }

    public ViewStatus Status()
    {
        var fault = _health.Fault;
        if (Run is not { } run) return new ViewStatus(Storage.View, fault is null ? "catching-up" : "stopped", null, 0, TimeSpan.Zero, 0, 0, 0, 0, fault);
        var (known, live, gap, lag) = run.Progress.Backlog();
        var totals = run.Progress.Totals;
        if (!run.Owned.IsWhole)
        {
            var beyond = _map?.Beyond(run.Owned) ?? run.Owned.Elsewhere;
            (live, gap, lag, totals) = run.Owned.IsEmpty
                ? (beyond.IsLive, beyond.Gap, beyond.Lag, beyond.Totals)
                : (live && beyond.IsLive, Math.Max(gap, beyond.Gap), beyond.Lag > lag ? beyond.Lag : lag, totals.Plus(beyond.Totals));
            known = run.Owned.IsEmpty || (known is not null && !(known <= beyond.Checkpoint)) ? beyond.Checkpoint : known;
        }
        var (share, remaining) = live ? (1, TimeSpan.Zero) : run.Owned.IsEmpty ? (0, null) : run.Progress.Advancement();
        return new ViewStatus(
            Storage.View, fault is not null ? "stopped" : live ? "live" : "catching-up", known, gap, lag, totals.Entities, totals.Events, totals.Quarantined, totals.Unkeyed, fault)
        {
            BuiltFrom = Storage.BuiltFrom, Partitions = Storage.Partitions.Count, PartitionsHere = run.Owned.Leases.Count, Progress = share, Remaining = remaining,
        };
    }

    // Over the runs that yield meanwhile, within the deadline.
    private async Task WithRunAsync(TimeSpan deadline, Func<ViewRun, TimeSpan, Task> ask, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var run = await ReadyAsync(Left(started, deadline), cancellation);
            try
            {
                await ask(run, Left(started, deadline));
                return;
            }
            catch (RunYieldedException) when (time.GetElapsedTime(started) < deadline)
            {
                // What was asked of it is asked of the next one.
            }
        }
    }

    private TimeSpan Left(long started, TimeSpan deadline)
    {
        var left = deadline - time.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async ValueTask<ViewRun> ReadyAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        if (Run is { } run) return run;
        if (_health.Fault is { } fault) throw Unavailable($"is stopped. {fault}");
        try
        {
            return await _ready.Task.WaitAsync(deadline, time, cancellation);
        }
        catch (TimeoutException)
        {
            throw Unavailable($"did not open its tables within {deadline.TotalSeconds:0.###} s. {_health.Fault ?? "The database is slow."} Ask again later.");
        }
    }

    private async Task SeenAsync(ViewRun run, Position position, TimeSpan deadline, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        if (!run.Owned.IsEmpty) await SeenHereAsync(run, position, deadline, cancellation);
        if (run.Owned.IsWhole) return;
        var elsewhere = Enumerable.Range(0, Storage.Partitions.Count).Where(partition => !run.Owned.Has(partition)).ToList();
        await Storage.AskAsync(async () =>
        {
            await foreign.SeenAsync(elsewhere, position, Left(started, deadline), cancellation);
            return true;
        });
    }

    private async Task SeenHereAsync(ViewRun run, Position position, TimeSpan deadline, CancellationToken cancellation)
    {
        if (position <= run.Progress.Known) return;
        // A stopped view heals in its own time; a caller is better served by a clear answer now.
        if (_health.FoldFault is { } fault) throw Unavailable($"is stopped before position {position}. {fault}");
        await run.Progress.WaitAsync(position, deadline, cancellation);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        for (var failures = 1; !cancellation.IsCancellationRequested; failures++)
        {
            ViewRun? run = null;
            try
            {
                await OpenAsync(cancellation);
                var owned = await _health.TryAsync("claim", () => "its partitions", token => leases.ClaimAsync(Storage.View, Storage.Partitions.Count, token), cancellation);
                run = new ViewRun(View, log, Storage, owned, options, _health, telemetry, changes, time, logger);
                _health.Begun(owned.IsEmpty);
                _ready.TrySetResult(run);
                ViewsLog.Started(logger, Storage.View.ToString(), owned.Start?.ToString() ?? "none");
                await run.RunAsync(cancellation);
                Renew();
                run.Abandon(new RunYieldedException(Storage.View));
                failures = 0;
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (PartitionsLostException lost)
            {
                ViewsLog.PartitionsLost(logger, Storage.View.ToString(), lost.Message);
                Renew();
                run?.Abandon(new RunYieldedException(Storage.View));
                await Task.Delay(options.RetryDelayMin, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception)
            {
                if (run?.Progress.IsLive == true) failures = 1;
                run?.Abandon(Unavailable($"lost its footing: {exception.Message} It starts again from its checkpoint; ask again in a moment."));
                ViewsLog.Restarting(logger, Storage.View.ToString(), exception);
                _health.Stop(ViewHealth.Run, $"after position {run?.Progress.Known?.ToString() ?? "none"}", exception);
                Renew();
                await _health.FailedAsync(ViewHealth.Run, "from its checkpoint", exception, failures, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        if (options.ServesOnly)
        {
            // Whoever projects it makes it, and may have to hear of it first.
            while (!await _health.TryAsync("find", () => "its tables", Storage.FindAsync, cancellation)) await Task.Delay(options.LeaseBeat, time, cancellation);
            return;
        }
        // Once in a projection's life, before it has content: what is built again is built from the log.
        var builtFrom = _seed is { } older ? await _health.TryAsync("take over", () => "an older version's rows", token => older.TryAsync(Storage, token), cancellation) : "";
        var format = await _health.TryAsync("open", () => "its tables", token => Storage.OpenAsync(builtFrom, token), cancellation);
        _seed = null;
        if (format == EntityState.FormatVersion) return;
        // Nothing is lost: the log is the truth, and the new states follow from it.
        ViewsLog.StatesOutdated(logger, Storage.View.ToString(), format, EntityState.FormatVersion);
        await _health.TryAsync("renew", () => "its tables", async token =>
        {
            await Storage.ClearAsync(unlessFormat: EntityState.FormatVersion, token);
            return await Storage.OpenAsync("", token);
        }, cancellation);
    }

    private async Task EndRunAsync(bool commit)
    {
        var run = Run;
        if (_runs is null) return;
        if (commit && run is not null)
        {
            using var deadline = new CancellationTokenSource(options.StopDeadline);
            try
            {
                await run.Writes.CommittedAsync(Storage.View, run.Progress.Known ?? Position.Start, options.StopDeadline, deadline.Token);
            }
            catch (Exception exception)
            {
                ViewsLog.StoppedUncommitted(logger, Storage.View.ToString(), exception.Message);
            }
        }
        await _runs.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        run?.Abandon(Unavailable("was stopped. Ask again when it runs."));
        _runs.Dispose();
        _runs = null;
        Renew();
    }

    private void Renew()
    {
        if (_ready.Task.IsCompleted) _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private ViewUnavailableException Unavailable(string what) => new($"View '{Storage.View}' {what}");
}
