using System.Collections.Concurrent;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.FeatureServices.Precomputed;

/// <summary>
/// The vectors of services that declare <c>precompute</c>, in memory and bounded. A vector is served only while it is
/// what a read at its T would give: of the same definitions, of the same rows, and no older than the service allows.
/// </summary>
public sealed class PrecomputedVectors(IRegistry registry, IViewChanges changes, PrecomputeOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<VectorKey, PrecomputedVector> _vectors = [];
    private readonly LinkedList<PrecomputedVector> _byAge = [];
    private readonly Lock _gate = new();
    private long _values;

    /// <summary>How many vectors are kept.</summary>
    public int Count => _vectors.Count;

    /// <summary>How many values they hold together.</summary>
    public long Values { get { lock (_gate) return _values; } }

    /// <summary>Looks for what answers a read.</summary>
    /// <returns>What there is; null where the read is none that a vector computed before may answer: its service does not declare it, or it states its own time or position.</returns>
    /// <exception cref="CommandInvalidException">The entity's key is missing.</exception>
    public VectorLookup? Look(GetFeatures query)
    {
        if (string.IsNullOrEmpty(query.Service) || query.Views.Count + query.Features.Count > 0) return null;
        if (query.AsOf is not null || query.KnownAt is not null || query.Context.Count > 0 || query.Entities.Count == 0) return null;
        var service = ServiceCatalog.Find(registry.Current, query.Service);
        if (service.Service.Precompute is not { } precompute) return null;
        var key = FeatureReader.Keys(nameof(GetFeatures), service, query.Entities)[0];
        var lastPositions = LastPositions(service, key);
        var staleness = query.MaxStaleness is { } stated && stated < precompute.MaxStaleness ? stated : precompute.MaxStaleness;
        var now = Now();
        var (found, outcome) = Find(service, key, lastPositions, query.MinPosition, staleness, now);
        ApplicationTelemetry.VectorReads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        return new VectorLookup(this, service, lastPositions, found) { MaxStaleness = staleness, Age = found is null ? Duration.Zero : now - found.AsOf };
    }

    /// <summary>For each of a service's views, the last event that the entity's state holds; null where this process cannot tell.</summary>
    internal IReadOnlyList<Position>? LastPositions(CompiledService service, string key)
    {
        var positions = new Position[service.Views.Count];
        for (var i = 0; i < positions.Length; i++)
        {
            if (changes.LastPositionOf(service.Views[i].Reference, key) is not { } position) return null;
            positions[i] = position;
        }
        return positions;
    }

    internal void Keep(PrecomputedVector vector)
    {
        lock (_gate)
        {
            if (_vectors.TryGetValue(vector.Key, out var before))
            {
                // Of two that were computed at once, the one of the later T stays.
                if (before.AsOf > vector.AsOf) return;
                Remove(before);
            }
            _vectors[vector.Key] = vector;
            _values += vector.Answer.Features.Count;
            var after = _byAge.Last;
            while (after is not null && after.Value.AsOf > vector.AsOf) after = after.Previous;
            vector.Place = after is null ? _byAge.AddFirst(vector) : _byAge.AddAfter(after, vector);
            var oldest = Now() - Precomputing.StalenessMax;
            while (_byAge.First is { } first && (_values > options.ValuesMax || first.Value.AsOf < oldest)) Remove(first.Value);
        }
    }

    internal Instant Now() => Instant.FromDateTimeOffset(clock.GetUtcNow());

    private (PrecomputedVector? Found, string Outcome) Find(
        CompiledService service, string key, IReadOnlyList<Position>? lastPositions, Position? minPosition, Duration staleness, Instant now)
    {
        if (!_vectors.TryGetValue(new VectorKey(service.Reference, key), out var vector)) return (null, "none");
        if (!vector.IsOf(service)) return (null, "other definition");
        var age = now - vector.AsOf;
        // A clock that was set back makes ages that mean nothing.
        if (age > staleness || age < Duration.Zero || staleness == Duration.Zero) return (null, "too old");
        if (minPosition is { } position && !vector.Knows(position)) return (null, "position not known");
        if (lastPositions is null || !vector.IsOfStates(lastPositions)) return (null, "rows changed");
        return (vector, "served");
    }

    private void Remove(PrecomputedVector vector)
    {
        _byAge.Remove(vector.Place!);
        _vectors.TryRemove(vector.Key, out _);
        _values -= vector.Answer.Features.Count;
    }
}
