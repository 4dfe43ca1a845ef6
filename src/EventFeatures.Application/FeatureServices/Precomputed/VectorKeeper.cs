using System.Diagnostics;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureServices.Precomputed;

/// <summary>
/// Computes the vectors of services that declare <c>precompute</c> when their entities' rows change: one after the other,
/// each entity once however often it changed meanwhile, and within its share of the time.
/// </summary>
public sealed class VectorKeeper(
    PrecomputedVectors vectors, IRegistry registry, IOnlineViews online, IBatchViews batch, IViewChanges changes, PrecomputeOptions options, TimeProvider clock) : IAsyncDisposable
{
    // Shorter pauses than this cost more than they spare.
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(10);

    private readonly FeatureReader _reader = new(online, batch);
    private readonly Queue<(CompiledService Service, string EntityKey)> _waiting = [];
    private readonly HashSet<VectorKey> _isWaiting = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private volatile Wanted _wanted = Wanted.Nothing;
    private Task _running = Task.CompletedTask;

    /// <summary>Starts to listen and to compute.</summary>
    public void Start()
    {
        changes.Changed += Note;
        _running = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Ends both. What waits is left to be computed when it is read.</summary>
    public async Task StopAsync()
    {
        changes.Changed -= Note;
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _work.Dispose();
    }

    // Called by projections, between two events.
    private void Note(ViewChange change)
    {
        var registered = registry.Current;
        var wanted = _wanted;
        if (!ReferenceEquals(wanted.Registered, registered)) _wanted = wanted = Wanted.Of(registered);
        if (!wanted.ByView.TryGetValue(change.View, out var services)) return;
        lock (_gate)
        {
            foreach (var service in services)
            {
                if (!_isWaiting.Add(new VectorKey(service.Reference, change.EntityKey))) continue;
                if (_waiting.Count < options.WaitingMax)
                {
                    _waiting.Enqueue((service, change.EntityKey));
                    continue;
                }
                _isWaiting.Remove(new VectorKey(service.Reference, change.EntityKey));
                ApplicationTelemetry.VectorsComputed.Add(1, new KeyValuePair<string, object?>("outcome", "left out"));
            }
            if (_waiting.Count > 0 && _work.CurrentCount == 0) _work.Release();
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        var owed = TimeSpan.Zero;
        while (true)
        {
            await _work.WaitAsync(cancellation);
            while (Next() is { } next)
            {
                var started = Stopwatch.GetTimestamp();
                await ComputeAsync(next.Service, next.EntityKey, cancellation);
                owed += Stopwatch.GetElapsedTime(started) * ((1 / options.ShareMax) - 1);
                if (owed < PauseMin) continue;
                await Task.Delay(owed, clock, cancellation);
                owed = TimeSpan.Zero;
            }
        }
    }

    private (CompiledService Service, string EntityKey)? Next()
    {
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out var next)) return null;
            // Before it is computed: what changes from now on waits anew.
            _isWaiting.Remove(new VectorKey(next.Service.Reference, next.EntityKey));
            return next;
        }
    }

    private async Task ComputeAsync(CompiledService service, string key, CancellationToken cancellation)
    {
        var outcome = "kept";
        try
        {
            if (vectors.LastPositions(service, key) is { } lastPositions)
            {
                var asOf = vectors.Now();
                var reading = await _reader.ReadAsync(service, [.. service.Views.Select(_ => key)], [], asOf, null, null, cancellation);
                vectors.Keep(new PrecomputedVector(service, FeaturesAnswer.Of(asOf, service, reading, online), lastPositions));
            }
            else
            {
                outcome = "elsewhere";
            }
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            // Whoever reads it computes it, and is told why that fails.
            outcome = failure is ViewUnavailableException ? "view unavailable" : "failed";
        }
        ApplicationTelemetry.VectorsComputed.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
    }

    /// <summary>The services that want vectors, by the views that they read, at one moment of the registry.</summary>
    private sealed record Wanted(RegistrySnapshot? Registered, IReadOnlyDictionary<ViewReference, IReadOnlyList<CompiledService>> ByView)
    {
        public static readonly Wanted Nothing = new(null, new Dictionary<ViewReference, IReadOnlyList<CompiledService>>());

        public static Wanted Of(RegistrySnapshot registered) => new(registered, registered.Services.Values
            .Where(service => service.Precompute is not null)
            .Select(service => ServiceCatalog.Definition(registered, service.Reference))
            .Where(service => service.Views.All(view => !registered.RetiredViews.ContainsKey(view.Reference)))
            .SelectMany(service => service.Views.Select(view => (view.Reference, service)))
            .GroupBy(pair => pair.Reference, pair => pair.service)
            .ToDictionary(pair => pair.Key, pair => (IReadOnlyList<CompiledService>)[.. pair]));
    }
}
