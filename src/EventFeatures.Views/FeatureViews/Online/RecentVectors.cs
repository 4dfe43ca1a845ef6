using System.Collections.Concurrent;

namespace EventFeatures.Views.FeatureViews.Online;

/// <summary>
/// The entities of one view that remember what their features came to: those read lately, at most so many, so that
/// what they remember is bounded however many entities are in memory.
/// </summary>
/// <param name="features">How many features the view has.</param>
internal sealed class RecentVectors(int features)
{
    /// <summary>How many values are remembered in all, at about 50 bytes each.</summary>
    public const int ValuesMax = 250_000;

    private readonly int _entitiesMax = Math.Max(1, ValuesMax / Math.Max(1, features));
    private readonly ConcurrentQueue<HotEntity> _entities = new();

    /// <summary>Takes in an entity that began to remember; the one that began longest ago forgets when there are too many.</summary>
    public void Add(HotEntity entity)
    {
        _entities.Enqueue(entity);
        if (_entities.Count > _entitiesMax && _entities.TryDequeue(out var oldest)) oldest.ForgetVector();
    }
}
