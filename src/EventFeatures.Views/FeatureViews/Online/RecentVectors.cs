using System.Collections.Concurrent;

namespace EventFeatures.Views.FeatureViews.Online;

/// <summary>
/// The entities of one view that remember what their features came to: those read lately, at most so many, so that
/// what they remember is bounded however many entities are in memory. One that is read on stays: where more are read in
/// turn than there is room for, each would else forget just before it is read again, and remembering would be for nothing.
/// </summary>
/// <param name="features">How many features the view has.</param>
internal sealed class RecentVectors(int features)
{
    /// <summary>How many values are remembered in all, at about 50 bytes each.</summary>
    public const int ValuesMax = 250_000;

    private readonly int _entitiesMax = Math.Max(1, ValuesMax / Math.Max(1, features));
    private readonly ConcurrentQueue<HotEntity> _entities = new();

    /// <summary>
    /// Takes in an entity that is read, if there is room for it or the one that was looked at longest ago was not read since,
    /// which forgets then.
    /// </summary>
    public bool TryAdd(HotEntity entity)
    {
        if (_entities.Count < _entitiesMax)
        {
            _entities.Enqueue(entity);
            return true;
        }
        if (!_entities.TryDequeue(out var oldest)) return false;
        if (oldest.WasRead())
        {
            _entities.Enqueue(oldest);
            return false;
        }
        oldest.ForgetVector();
        _entities.Enqueue(entity);
        return true;
    }
}
