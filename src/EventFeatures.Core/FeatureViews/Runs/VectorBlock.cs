using System.Collections;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>Blocks of vectors, one after the other; none is longer than what is left of the vectors that are wanted.</summary>
/// <param name="features">How many values a vector has.</param>
/// <param name="vectors">How many vectors will be wanted.</param>
internal sealed class VectorBlocks(int features, int vectors)
{
    private int _left = vectors;
    private VectorBlock? _block;
    private int _used;

    /// <summary>Where the next vector goes.</summary>
    public (VectorBlock Block, int Vector) Next()
    {
        if (_block is null || _used == _block.Room) (_block, _used) = (new VectorBlock(features, Math.Max(1, _left)), 0);
        _left--;
        return (_block, _used++);
    }

    /// <summary>Keeps values that were folded.</summary>
    public IReadOnlyList<FeatureValue> Add(ReadOnlySpan<FeatureValue> values)
    {
        var (block, vector) = Next();
        // Where there are events, whether a value is null says the rest.
        var status = values[0].Status == FeatureStatus.Null ? FeatureStatus.Present : values[0].Status;
        for (var feature = 0; feature < values.Length; feature++) block.Set(vector, feature, values[feature].Value);
        return block.Vector(vector, status, values[0].OccurredAt);
    }
}

/// <summary>The vectors of some points in time side by side: nine bytes a value where its kind needs no more, since they are many and live long.</summary>
internal sealed class VectorBlock
{
    // So that no array is among the large objects, which are collected late.
    private const int ValuesMax = 10_000;

    private readonly int _features;
    private readonly long[] _bits;
    private readonly ValueKind[] _kinds;
    private readonly Instant?[] _newest;
    private readonly FeatureStatus[] _statuses;
    private object?[]? _references;

    /// <param name="features">How many values a vector has.</param>
    /// <param name="vectors">How many vectors are wanted; the block may have room for fewer.</param>
    public VectorBlock(int features, int vectors)
    {
        _features = features;
        Room = Math.Clamp(ValuesMax / features, 1, vectors);
        (_bits, _kinds) = (new long[Room * features], new ValueKind[Room * features]);
        (_newest, _statuses) = (new Instant?[Room], new FeatureStatus[Room]);
    }

    /// <summary>How many vectors there is room for.</summary>
    public int Room { get; }

    /// <summary>Gives a vector all of whose values have one status; those of <see cref="FeatureStatus.Present"/> may still be null.</summary>
    /// <param name="vector">Its index.</param>
    /// <param name="status">The status.</param>
    /// <param name="newest">The freshness of its values.</param>
    public IReadOnlyList<FeatureValue> Vector(int vector, FeatureStatus status, Instant? newest)
    {
        (_statuses[vector], _newest[vector]) = (status, newest);
        return new One(this, vector);
    }

    /// <summary>Sets a value.</summary>
    public void Set(int vector, int feature, in Value value)
    {
        var at = vector * _features + feature;
        (_bits[at], _kinds[at]) = (value.Bits, value.Kind);
        if (value.Reference is not null) (_references ??= new object?[_bits.Length])[at] = value.Reference;
    }

    private FeatureValue Get(int vector, int feature)
    {
        if (_statuses[vector] != FeatureStatus.Present) return new FeatureValue(Value.Null, _statuses[vector], _newest[vector]);
        var at = vector * _features + feature;
        return FeatureValue.Of(Value.OfParts(_kinds[at], _bits[at], _references?[at]), _newest[vector]);
    }

    private sealed class One(VectorBlock block, int vector) : IReadOnlyList<FeatureValue>
    {
        public int Count => block._features;

        public FeatureValue this[int feature] => feature >= 0 && feature < block._features
            ? block.Get(vector, feature)
            : throw new ArgumentOutOfRangeException(nameof(feature), feature, $"A vector has {block._features} values.");

        public IEnumerator<FeatureValue> GetEnumerator()
        {
            for (var feature = 0; feature < block._features; feature++) yield return block.Get(vector, feature);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
