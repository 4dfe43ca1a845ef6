using System.Collections.Concurrent;

namespace EventFeatures.Views.FeatureViews.Online;

/// <summary>
/// The entities of one view that are in memory, at most so many of them. The fold alone adds and evicts what it
/// changes; readers may add what they loaded unless something was evicted meanwhile, since then it may be outdated.
/// </summary>
/// <param name="entitiesMax">
/// How many entities stay; those with uncommitted changes stay in any case. Until the fold makes room again, readers may
/// add an eighth of it, so that what is read often can take the place of what is not.
/// </param>
/// <param name="complete">Whether the database holds no entity that is not here.</param>
internal sealed class HotStates(int entitiesMax, bool complete)
{
    private readonly ConcurrentDictionary<string, HotEntity> _entities = new(StringComparer.Ordinal);
    private readonly Queue<HotEntity> _clock = new();
    private readonly Lock _gate = new();
    private readonly int _readersMax = entitiesMax + Math.Min(entitiesMax / 8, int.MaxValue - entitiesMax);
    private long _evictions;
    private volatile bool _complete = complete;

    /// <summary>Whether an entity that is not here does not exist.</summary>
    public bool IsComplete => _complete;

    public int Count => _entities.Count;

    /// <summary>Changes with every eviction; a reader takes it before it asks the database.</summary>
    public long Evictions => Volatile.Read(ref _evictions);

    public HotEntity? Find(string key) => _entities.GetValueOrDefault(key);

    /// <summary>Adds an entity that the fold loaded or made; a reader may have been faster with the same one.</summary>
    public HotEntity Add(HotEntity loaded)
    {
        lock (_gate)
        {
            var entity = _entities.GetOrAdd(loaded.Key, loaded);
            if (entity == loaded) _clock.Enqueue(loaded);
            return entity;
        }
    }

    /// <summary>Adds an entity that a reader loaded, if there is room and it cannot have changed since <paramref name="evictions"/> was taken.</summary>
    public HotEntity AddIfCurrent(HotEntity loaded, long evictions)
    {
        lock (_gate)
        {
            if (_entities.TryGetValue(loaded.Key, out var entity)) return entity;
            if (evictions != _evictions || _entities.Count >= _readersMax) return loaded;
            _entities[loaded.Key] = loaded;
            _clock.Enqueue(loaded);
            return loaded;
        }
    }

    /// <summary>
    /// Makes room by the clock algorithm: an entity used since the last round gets another one. Called by the fold
    /// between two of its batches, so that nothing it holds can leave under its hands.
    /// </summary>
    public void Trim()
    {
        if (_entities.Count <= entitiesMax) return;
        lock (_gate)
        {
            for (var looks = 2 * _clock.Count; looks > 0 && _entities.Count > entitiesMax; looks--)
            {
                var entity = _clock.Dequeue();
                if (entity.MayLeave())
                {
                    // First, so that a reader who does not find it any more asks the database.
                    _complete = false;
                    Volatile.Write(ref _evictions, _evictions + 1);
                    _entities.TryRemove(entity.Key, out _);
                }
                else
                {
                    _clock.Enqueue(entity);
                }
            }
        }
    }
}
