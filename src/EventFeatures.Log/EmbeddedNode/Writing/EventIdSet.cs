namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// The event ids of one stream, by their hashes: it answers "surely not" exactly, and "perhaps" wrongly about never (of
/// 64 bits, among a million ids once in 10^13), so that only real retries ask storage, which has no index by id and reads
/// all of the stream. 24 bytes an id at most, 12 at least.
/// </summary>
internal sealed class EventIdSet
{
    private ulong[] _slots = new ulong[8];

    /// <summary>How many hashes it holds.</summary>
    public int Count { get; private set; }

    public void Add(Guid id)
    {
        if ((Count + 1) * 3L > _slots.Length * 2L) Grow();
        if (Insert(_slots, HashOf(id))) Count++;
    }

    public bool MayContain(Guid id)
    {
        var hash = HashOf(id);
        var mask = (ulong)_slots.Length - 1;
        for (var slot = hash & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
            if (_slots[slot] == hash) return true;
        return false;
    }

    private void Grow()
    {
        var larger = new ulong[_slots.Length * 2];
        foreach (var hash in _slots)
            if (hash != 0) Insert(larger, hash);
        _slots = larger;
    }

    private static bool Insert(ulong[] slots, ulong hash)
    {
        var mask = (ulong)slots.Length - 1;
        var slot = hash & mask;
        for (; slots[slot] != 0; slot = (slot + 1) & mask)
            if (slots[slot] == hash) return false;
        slots[slot] = hash;
        return true;
    }

    // Zero marks a free slot, so it is nothing's hash.
    private static ulong HashOf(Guid id) => EventIdHash.Of(id) is var hash and not 0 ? hash : 1;
}
