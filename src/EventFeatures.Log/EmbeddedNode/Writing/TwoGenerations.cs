using System.Diagnostics.CodeAnalysis;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// A bounded map that forgets what was not touched for a while. It forgets only when told that a turn may
/// come, so that whatever was touched since the turn before is always there.
/// </summary>
internal sealed class TwoGenerations<TKey, TValue>(long weightMax, Func<TValue, long> weigh, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private Dictionary<TKey, TValue> _young = new(comparer);
    private Dictionary<TKey, TValue> _old = new(comparer);
    private long _weight;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(key, out value)) return true;
        if (!_old.Remove(key, out value)) return false;
        Set(key, value);
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        _young[key] = value;
        _weight += weigh(value);
    }

    /// <summary>Counts growth of a value that is already in the map.</summary>
    public void AddWeight(long weight) => _weight += weight;

    /// <summary>When the young generation is full it becomes the old one, whose untouched entries go.</summary>
    public void TurnIfFull()
    {
        if (_weight < weightMax) return;
        (_old, _young) = (_young, _old);
        _young.Clear();
        _weight = 0;
    }

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
        _weight = 0;
    }
}
