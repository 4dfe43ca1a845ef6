namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// Fingerprints of the event ids of one stream: answers "surely not" exactly and "perhaps" rarely wrong (a
/// million ids: once in four thousand), so that only real retries ask storage. Eight bytes an id at most.
/// </summary>
internal sealed class EventIdSet
{
    private uint[] _slots = new uint[8];

    /// <summary>How many fingerprints it holds.</summary>
    public int Count { get; private set; }

    public void Add(Guid id)
    {
        if ((Count + 1) * 3L > _slots.Length * 2L) Grow();
        if (Insert(_slots, Fingerprint(id))) Count++;
    }

    public bool MayContain(Guid id)
    {
        var fingerprint = Fingerprint(id);
        var mask = (uint)_slots.Length - 1;
        for (var slot = fingerprint & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
            if (_slots[slot] == fingerprint) return true;
        return false;
    }

    private void Grow()
    {
        var larger = new uint[_slots.Length * 2];
        foreach (var fingerprint in _slots)
            if (fingerprint != 0) Insert(larger, fingerprint);
        _slots = larger;
    }

    private static bool Insert(uint[] slots, uint fingerprint)
    {
        var mask = (uint)slots.Length - 1;
        var slot = fingerprint & mask;
        for (; slots[slot] != 0; slot = (slot + 1) & mask)
            if (slots[slot] == fingerprint) return false;
        slots[slot] = fingerprint;
        return true;
    }

    // Zero marks a free slot, so it is no fingerprint.
    private static uint Fingerprint(Guid id) => (uint)EventIdHash.Of(id) is var fingerprint and not 0 ? fingerprint : 1;
}
