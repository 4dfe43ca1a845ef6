using System.Numerics;
using EventFeatures.Core.FeatureViews.State;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// Counts numbers in at most so many buckets, each of which holds the numbers whose upper bits are the same. As many
/// lower bits are left off as it takes, and no more: how many is a function of the set of numbers, and grows as the set
/// does, so adding in any order and merging in any grouping give the same buckets.
/// </summary>
/// <param name="bucketsMax">How many buckets there may be; at least 2.</param>
/// <param name="keepsEnds">Whether each bucket knows its least and greatest number.</param>
internal sealed class NumberBuckets(int bucketsMax, bool keepsEnds)
{
    private readonly Dictionary<ulong, Bucket> _buckets = [];

    /// <summary>How many lower bits are left off.</summary>
    public int Shift { get; private set; }

    /// <summary>How many numbers were added.</summary>
    public long Count { get; private set; }

    /// <summary>The buckets in the order of their numbers.</summary>
    public IEnumerable<(ulong Key, Bucket Bucket)> InOrder => _buckets.OrderBy(one => one.Key).Select(one => (one.Key, one.Value));

    /// <summary>Adds a number so many times.</summary>
    public void Add(double number, long times = 1)
    {
        var bits = OrderedBits.Of(number);
        Add(bits >> Shift, new Bucket(times, bits, bits));
        if (_buckets.Count > bucketsMax) Coarsen();
    }

    /// <summary>Adds all that others hold.</summary>
    public void Add(NumberBuckets other)
    {
        if (other.Shift > Shift) Coarsen(other.Shift);
        foreach (var (key, bucket) in other._buckets) Add(key >> (Shift - other.Shift), bucket);
        if (_buckets.Count > bucketsMax) Coarsen();
    }

    /// <summary>The least and greatest number that a bucket can hold.</summary>
    public (double Least, double Greatest) RangeOf(ulong key) =>
        (OrderedBits.ToNumber(key << Shift), OrderedBits.ToNumber((key << Shift) | ((1UL << Shift) - 1)));

    public void Clear()
    {
        _buckets.Clear();
        (Shift, Count) = (0, 0);
    }

    public void Write(StateWriter writer)
    {
        writer.WriteByte((byte)Shift);
        writer.WriteUnsigned((ulong)_buckets.Count);
        var before = 0UL;
        foreach (var (key, bucket) in InOrder)
        {
            writer.WriteUnsigned(key - before);
            writer.WriteUnsigned((ulong)bucket.Count);
            before = key;
            if (!keepsEnds) continue;
            writer.WriteUnsigned(bucket.Least - (key << Shift));
            writer.WriteUnsigned(bucket.Greatest - bucket.Least);
        }
    }

    public void Read(ref StateReader reader)
    {
        Shift = reader.ReadByte();
        var count = reader.ReadCount(2);
        if (Shift > 63 || count > bucketsMax) throw new StateCorruptException($"There are {count} buckets of {Shift} bits.");
        for (var key = 0UL; count > 0; count--)
        {
            key += reader.ReadUnsigned();
            var numbers = (long)reader.ReadUnsigned();
            var least = keepsEnds ? (key << Shift) + reader.ReadUnsigned() : 0;
            Add(key, new Bucket(numbers, least, keepsEnds ? least + reader.ReadUnsigned() : 0));
        }
    }

    private void Add(ulong key, Bucket bucket)
    {
        Count += bucket.Count;
        Put(key, bucket);
    }

    private void Put(ulong key, Bucket bucket)
    {
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_buckets, key, out var exists);
        if (!exists) known = keepsEnds ? bucket : new Bucket(bucket.Count, 0, 0);
        else known = new Bucket(known.Count + bucket.Count, Math.Min(known.Least, bucket.Least), Math.Max(known.Greatest, bucket.Greatest));
    }

    // Two neighbours become one where their highest different bit is left off.
    private void Coarsen()
    {
        Span<int> differing = stackalloc int[64];
        var keys = _buckets.Keys.Order().ToArray();
        for (var i = 1; i < keys.Length; i++) differing[BitOperations.Log2(keys[i] ^ keys[i - 1])]++;
        var (shift, left) = (0, keys.Length);
        while (left > bucketsMax) left -= differing[shift++];
        Coarsen(Shift + shift);
    }

    private void Coarsen(int shift)
    {
        var finer = _buckets.ToArray();
        _buckets.Clear();
        foreach (var (key, bucket) in finer) Put(key >> (shift - Shift), bucket);
        Shift = shift;
    }
}

/// <summary>What one bucket holds.</summary>
/// <param name="Count">How many numbers.</param>
/// <param name="Least">The least of them in <see cref="OrderedBits"/>; zero where ends are not kept.</param>
/// <param name="Greatest">The greatest; zero where ends are not kept.</param>
internal readonly record struct Bucket(long Count, ulong Least, ulong Greatest);
