namespace EventFeatures.Server.Load;

/// <summary>
/// A bound of which each priority and all below it together may use only a part, so that they cannot take what those
/// above them need. Not safe for use by several threads at once.
/// </summary>
internal sealed class NestedBound
{
    private readonly long[] _limits;

    // What each priority and those below it hold together.
    private readonly long[] _held = new long[Enum.GetValues<CallPriority>().Length];

    /// <param name="max">The whole.</param>
    /// <param name="backgroundMax">What background work may use, where that is less than its part.</param>
    public NestedBound(long max, long backgroundMax = long.MaxValue) =>
        _limits = [max, Math.Max(1, max * 3 / 4), Math.Max(1, max / 2), Math.Clamp(backgroundMax, 1, Math.Max(1, max / 4))];

    /// <summary>What is held in all.</summary>
    public long Held => _held[0];

    /// <summary>What a priority holds, without those below it.</summary>
    public long HeldBy(CallPriority priority) =>
        _held[(int)priority] - (priority == CallPriority.Background ? 0 : _held[(int)priority + 1]);

    /// <summary>Whether there is room. What is larger than a part still fits when nothing else holds any of it.</summary>
    public bool Fits(CallPriority priority, long amount)
    {
        for (var level = 0; level <= (int)priority; level++)
            if (_held[level] > 0 && _held[level] + amount > _limits[level]) return false;
        return true;
    }

    public void Add(CallPriority priority, long amount)
    {
        for (var level = 0; level <= (int)priority; level++) _held[level] += amount;
    }

    public void Remove(CallPriority priority, long amount) => Add(priority, -amount);

    /// <summary>Adds if there is room.</summary>
    public bool TryAdd(CallPriority priority, long amount)
    {
        if (!Fits(priority, amount)) return false;
        Add(priority, amount);
        return true;
    }
}
