using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>
/// This process as a worker among others: gives its sign of life, sees who else lives and who owns what, tells the
/// projections, and claims for them what is theirs. One that only serves gives no sign, and so nothing is its.
/// </summary>
internal sealed class WorkerLeases(
    NpgsqlDataSource database, PartitionTable partitions, ViewsOptions options, TimeProvider time, ILogger logger, Func<IReadOnlyCollection<ViewProjection>> projections)
{
    private static readonly TimeSpan LeaveDeadline = TimeSpan.FromSeconds(2);

    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly string _name = options.WorkerName ?? $"{Environment.MachineName}-{Guid.NewGuid():n}";
    private WorkerTable? _workers;
    private IReadOnlyCollection<Guid> _alive = [];

    private WorkerTable Workers => _workers ??= new WorkerTable(options.OnlineSchema, _name, _incarnation, options.LeaseDuration);

    /// <summary>The worker's name, the same after every restart on the same home.</summary>
    public string Name => _name;

    /// <summary>Begins to live, in the place of an earlier process of the same name.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Who are alive has perhaps no table yet; whoever projects makes it.
        if (!options.ServesOnly) _alive = await LiveAsync(connection, first: true, cancellation);
    }

    /// <summary>Lives until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.LeaseBeat, time);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellation);
                await BeatAsync(cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                // What it owns it keeps in memory. If another worker takes it meanwhile, a commit finds that out.
                ViewsLog.BeatFailed(logger, _name, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Gives a run of a view its share of the partitions; none while there is another process of this worker's name, or if it only serves.</summary>
    public async Task<OwnedPartitions> ClaimAsync(ViewReference view, int count, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (options.ServesOnly) return await partitions.ClaimNoneAsync(connection, view, count, _incarnation, cancellation);
        _alive = await LiveAsync(connection, first: false, cancellation);
        var owned = await partitions.ClaimAsync(connection, view, count, _incarnation, _alive, cancellation);
        if (!owned.IsWhole) ViewsLog.Claimed(logger, view.ToString(), owned.Leases.Count, count, _alive.Count);
        return owned;
    }

    /// <summary>Lets the others take over at once what this worker owns, instead of when its time is over.</summary>
    public async Task LeaveAsync()
    {
        if (options.ServesOnly) return;
        using var deadline = new CancellationTokenSource(LeaveDeadline, time);
        try
        {
            await Workers.LeaveAsync(database, deadline.Token);
        }
        catch (Exception exception)
        {
            ViewsLog.LeaveFailed(logger, _name, options.LeaseDuration.TotalSeconds, exception);
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        // The runs first: what the database shows afterwards is at least as new as they are.
        var running = projections().Select(projection => (Projection: projection, projection.Run)).ToList();
        if (options.ServesOnly && running.All(view => view.Run is null)) return;
        Dictionary<string, List<PartitionState>> states;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            _alive = await LiveAsync(connection, first: false, cancellation);
            states = await Workers.ReadPartitionsAsync(connection, cancellation);
        }
        if (!options.ServesOnly && !_alive.Contains(_incarnation)) ViewsLog.NameTaken(logger, _name);
        foreach (var (projection, run) in running)
        {
            var view = projection.Storage.View;
            // A run of a view that was dropped meanwhile makes it anew; one that has no part of it would not notice by itself.
            if (!states.TryGetValue(view.ToString(), out var partitionsOfView)) run?.Yield();
            else projection.Observe(new PartitionMap(_incarnation, partitionsOfView, WorkerShare.Of(view, partitionsOfView.Count, _alive, _incarnation)), run);
        }
    }

    private Task<IReadOnlyCollection<Guid>> LiveAsync(NpgsqlConnection connection, bool first, CancellationToken cancellation) =>
        options.ServesOnly ? Workers.ReadAliveAsync(connection, cancellation) : Workers.BeatAsync(connection, Backlogs(), first, cancellation);

    private Dictionary<string, Backlog> Backlogs() => projections()
        .Select(projection => (View: projection.Storage.View.ToString(), Backlog: projection.Backlog()))
        .Where(view => view.Backlog is not null).ToDictionary(view => view.View, view => view.Backlog!, StringComparer.Ordinal);
}
