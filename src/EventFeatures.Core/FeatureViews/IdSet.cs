namespace EventFeatures.Core.FeatureViews;

/// <summary>A set of event ids that takes hardly more room than they do while they are few, as most entities' are.</summary>
internal sealed class IdSet
{
    // As many are looked through about as fast as one is looked up.
    private const int FewMax = 16;

    private Guid[] _few = [];
    private int _count;
    private HashSet<Guid>? _many;

    public bool Contains(Guid id) => _many is null ? _few.AsSpan(0, _count).Contains(id) : _many.Contains(id);

    /// <summary>Adds an id; one that is there is there once.</summary>
    public void Add(Guid id)
    {
        if (_many is null && _count == FewMax) (_many, _few, _count) = ([.. _few], [], 0);
        if (_many is not null)
        {
            _many.Add(id);
            return;
        }
        if (Contains(id)) return;
        if (_count == _few.Length) Array.Resize(ref _few, Math.Max(1, 2 * _count));
        _few[_count++] = id;
    }

    /// <summary>Takes an id out, if it is there.</summary>
    public void Remove(Guid id)
    {
        if (_many is not null) _many.Remove(id);
        else if (_few.AsSpan(0, _count).IndexOf(id) is >= 0 and var at) _few[at] = _few[--_count];
    }
}
