namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// The event ids of one stream, by parts of their hashes: it answers "surely not" exactly, and "perhaps" wrongly less than
/// once in ten million times however many it holds, so that only real retries ask storage, which has no index by id.
/// Of many ids, 6 to 12 bytes each.
/// </summary>
/// <remarks>
/// A chain of tables with linear probing, each filled to two thirds at most and twice as large as the one before: nothing is
/// ever moved, so that what finds a slot and what is kept in it can be different bits of a hash.
/// </remarks>
internal sealed class EventIdSet
{
    private uint[][] _tables = [new uint[8]];
    private int _left = Fill(8);

    /// <summary>How many it holds; an id that was added twice counts twice.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an id. One that it has already is better left out, since it may take another slot.</summary>
    public void Add(Guid id)
    {
        if (_left == 0) Lengthen();
        if (!Insert(_tables[^1], EventIdHash.Of(id))) return;
        Count++;
        _left--;
    }

    public bool MayContain(Guid id)
    {
        var hash = EventIdHash.Of(id);
        foreach (var table in _tables)
            if (Holds(table, hash)) return true;
        return false;
    }

    private void Lengthen()
    {
        var slots = _tables[^1].Length * 2;
        _tables = [.. _tables, new uint[slots]];
        _left = Fill(slots);
    }

    private static int Fill(int slots) => slots / 3 * 2;

    private static bool Insert(uint[] slots, ulong hash)
    {
        var mask = (uint)slots.Length - 1;
        var kept = Kept(hash);
        var slot = (uint)hash & mask;
        for (; slots[slot] != 0; slot = (slot + 1) & mask)
            if (slots[slot] == kept) return false;
        slots[slot] = kept;
        return true;
    }

    private static bool Holds(uint[] slots, ulong hash)
    {
        var mask = (uint)slots.Length - 1;
        var kept = Kept(hash);
        for (var slot = (uint)hash & mask; slots[slot] != 0; slot = (slot + 1) & mask)
            if (slots[slot] == kept) return true;
        return false;
    }

    // Zero marks a free slot, so it is never kept.
    private static uint Kept(ulong hash) => (uint)(hash >> 32) is var kept and not 0 ? kept : 1;
}
