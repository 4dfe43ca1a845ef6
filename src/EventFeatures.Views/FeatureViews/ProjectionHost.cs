using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Monitoring;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Seeding;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using Marten;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Views.FeatureViews;

/// <summary>
/// Runs a projection for every view version that the registry holds, and answers reads from them. Several hosts, in as
/// many processes, share the work on one database. What is not committed when a host goes away is folded again, with the
/// same result, by the others or by the next one.
/// </summary>
public sealed class ProjectionHost : IOnlineViews, IViewChanges, IAsyncDisposable
{
    private readonly IEventLog _log;
    private readonly IRegistry _registry;
    private readonly NpgsqlDataSource _database;
    private readonly ViewsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ILoggerFactory _loggers;
    private readonly ViewsTelemetry _telemetry;
    private readonly PartitionTable _partitions;
    private readonly WorkerLeases _leases;
    private readonly ViewChanges _changes = new();
    private readonly SharedWork _shared;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly RetiredStorage _retired;
    private Dictionary<ViewReference, ViewProjection> _views = [];
    private DocumentStore? _documents;
    private bool _hasLeft;
    private Task _watch = Task.CompletedTask;
    private Task _living = Task.CompletedTask;

    /// <param name="log">The log.</param>
    /// <param name="registry">What is declared; new views start by themselves.</param>
    /// <param name="database">The database; the caller keeps owning it.</param>
    /// <param name="options">The bounds; the defaults if null.</param>
    /// <param name="time">The clock of waits and pauses.</param>
    /// <param name="loggers">Where to log.</param>
    public ProjectionHost(
        IEventLog log, IRegistry registry, NpgsqlDataSource database, ViewsOptions? options, TimeProvider time, ILoggerFactory loggers)
    {
        (_log, _registry, _database, _options, _time) = (log, registry, database, options ?? new ViewsOptions(), time);
        _options.Validate();
        _loggers = loggers;
        _logger = loggers.CreateLogger("EventFeatures.Views");
        _telemetry = new ViewsTelemetry(_options.MeterName, Status);
        _partitions = new PartitionTable(_options.OnlineSchema);
        _leases = new WorkerLeases(database, _partitions, _options, time, _logger, All);
        _retired = new RetiredStorage(_options, time, _logger);
        _shared = new SharedWork(database, _options.OnlineSchema, _leases.Name);
        Batch = new BatchViews(this, database, _options);
    }

    /// <inheritdoc/>
    public event Action<ViewChange>? Changed
    {
        add => _changes.Changed += value;
        remove => _changes.Changed -= value;
    }

    /// <summary>What one of the hosts does for all of them.</summary>
    public ISharedWork SharedWork => _shared;

    /// <summary>The batch views of the same projections.</summary>
    public BatchViews Batch { get; }

    /// <summary>Makes the schemas, unless it only serves, and starts a projection for every view declared so far; later ones follow by themselves.</summary>
    /// <exception cref="ViewUnavailableException">The database cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        try
        {
            _documents = OnlineStore.Open(_database, _options.OnlineSchema, makes: !_options.ServesOnly);
            if (!_options.ServesOnly) await MakeSchemasAsync(_documents, cancellation);
            await _leases.StartAsync(cancellation);
        }
        catch (Exception exception) when (_options.ServesOnly && exception is not OperationCanceledException)
        {
            throw new ViewUnavailableException($"The views' database cannot be reached: {exception.Message} See that PostgreSQL runs, and start again.", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ViewUnavailableException($"The views' schemas cannot be made: {exception.Message} See that PostgreSQL runs and that its user may create schemas, and start again.", exception);
        }
        var known = _registry.Current;
        Follow(known);
        _watch = Task.Run(() => WatchAsync(known, _stop.Token), CancellationToken.None);
        _living = Task.Run(() => _leases.RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Stops all projections, after committing what they folded.</summary>
    public Task StopAsync() => EndAsync(commit: true);

    /// <inheritdoc/>
    public ValueTask<ViewReading> ReadAsync(
        ViewReference view, string entityKey, Instant asOf, Position? minPosition = null, CancellationToken cancellation = default) =>
        Find(view).ReadAsync(entityKey, asOf, minPosition, cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<ViewStatus> Status() =>
        [.. All().Select(view => view.Status()).OrderBy(status => status.View.Name, StringComparer.Ordinal).ThenBy(status => status.View.Version)];

    /// <inheritdoc/>
    public ViewStatus? StatusOf(ViewReference view) => Volatile.Read(ref _views).GetValueOrDefault(view)?.Status();

    /// <inheritdoc/>
    public ViewBacklog? BacklogOf(ViewReference view, string entityKey) => Volatile.Read(ref _views).GetValueOrDefault(view)?.BacklogOf(entityKey);

    /// <inheritdoc/>
    public Position? LastPositionOf(ViewReference view, string entityKey) => Volatile.Read(ref _views).GetValueOrDefault(view)?.LastPositionOf(entityKey);

    /// <summary>Ends all work at once. What was not committed is folded again by the next host; call <see cref="StopAsync"/> first to spare it that.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(commit: false);
        _documents?.Dispose();
        _telemetry.Dispose();
    }

    /// <summary>What builds a view again beside this host's.</summary>
    internal RebuildBeside RebuildOf(ViewProjection serving) => new(serving, _log, _database, _options, _time, _loggers);

    internal ViewProjection Find(ViewReference view)
    {
        if (Volatile.Read(ref _views).TryGetValue(view, out var projection)) return projection;
        // Declared a moment ago, perhaps, and not yet noticed.
        if (_documents is not null) Follow(_registry.Current);
        if (Volatile.Read(ref _views).TryGetValue(view, out projection)) return projection;
        var versions = All().Select(known => known.Storage.View.ToString()).Order(StringComparer.Ordinal).ToList();
        throw new ViewUnavailableException(
            $"There is no view '{view}'. {(versions.Count == 0 ? "No view is declared" : "There are " + string.Join(", ", versions))}; declare it with apply, or ask for one of these.");
    }

    /// <summary>The projections of all views that the registry holds at this moment.</summary>
    internal IReadOnlyCollection<ViewProjection> AllDeclared()
    {
        if (_documents is not null) Follow(_registry.Current);
        return All();
    }

    private IReadOnlyCollection<ViewProjection> All() => Volatile.Read(ref _views).Values;

    private async Task WatchAsync(RegistrySnapshot known, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await _registry.ChangedAsync(known, cancellation);
                Follow(known = _registry.Current);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                ViewsLog.RegistryFailed(_logger, exception);
                await Task.Delay(_options.RetryDelayMax, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Follow(RegistrySnapshot registry)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            var views = new Dictionary<ViewReference, ViewProjection>(_views);
            foreach (var reference in registry.RetiredViews.Keys)
            {
                if (!views.Remove(reference, out var ended) && _retired.Has(reference)) continue;
                _retired.Drop(ended?.Storage ?? new ViewStorage(_database, _documents!, _partitions, _options, registry.Views[reference]), ended, _stop.Token);
            }
            foreach (var (reference, view) in registry.ProjectedViews)
            {
                var running = views.GetValueOrDefault(reference);
                // A view's own meaning never changes, but a newer minor version of a contract may admit more.
                if (running?.View.ContractDigest == view.ContractDigest) continue;
                var storage = new ViewStorage(_database, _documents!, _partitions, _options, view);
                var foreign = new ForeignReads(view, _log, storage, _database, _partitions, _options, _time);
                var projection = views[reference] = new ViewProjection(
                    view, _log, storage, _leases, foreign, _options, _telemetry, _changes, _time, _logger, running is null ? SeedOf(reference, view, registry) : null);
                projection.Start(running?.StopAsync(commit: true) ?? _retired.Revive(reference));
            }
            Volatile.Write(ref _views, views);
        }
    }

    /// <summary>What a version may be built from besides the log; null where there is no older version of its view.</summary>
    private ViewSeed? SeedOf(ViewReference reference, CompiledView view, RegistrySnapshot registry)
    {
        var older = registry.ProjectedViews.Where(other => other.Key.Name == reference.Name && other.Key.Version < reference.Version)
            .Select(other => (other.Value, new ViewStorage(_database, _documents!, _partitions, _options, other.Value))).ToList();
        return older.Count == 0 ? null : new ViewSeed(view, older, _database, _documents!, _partitions, _options, _logger);
    }

    private async Task EndAsync(bool commit)
    {
        lock (_gate) _stop.Cancel();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _living.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(All().Select(view => view.StopAsync(commit)));
        await _retired.EndAsync();
        if (_hasLeft || _documents is null) return;
        _hasLeft = true;
        await _leases.LeaveAsync();
    }

    // One host after the other, since none of what is made here can be made twice at once.
    private async Task MakeSchemasAsync(DocumentStore documents, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var alone = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", connection)
        { Parameters = { new() { Value = $"eventfeatures schema {_options.OnlineSchema}" } } })
            await alone.ExecuteNonQueryAsync(cancellation);
        foreach (var schema in (string[])[_options.BatchSchema, _options.OnlineSchema])
        {
            await using var make = _database.CreateCommand($"create schema if not exists {PostgresText.Identifier(schema)}");
            await make.ExecuteNonQueryAsync(cancellation);
        }
        await documents.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await _partitions.EnsureAsync(connection, cancellation);
        await _shared.EnsureAsync(connection, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
