using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// How often each different input occurs, up to <c>max_values</c> of them. Over more the result is null, since a part of
/// the values would pass for the whole; once there are too many, only that fact is kept, which no further event and no
/// merge can undo. Both zeros are one value, and so are all NaNs.
/// </summary>
internal sealed class FrequencyFold(int valuesMax, Func<IReadOnlyDictionary<Value, long>, Value> finish) : Accumulator
{
    private readonly Dictionary<Value, long> _counts = [];
    private bool _tooMany;

    public override void Add(in Value input, Place place) => Add(ValueText.Canonical(input), 1);

    public override void Merge(Accumulator other)
    {
        var fold = (FrequencyFold)other;
        if (fold._tooMany) GiveUp();
        foreach (var (value, count) in fold._counts) Add(value, count);
    }

    public override Value Finish(Instant asOf) => _tooMany ? Value.Null : finish(_counts);

    public override void Clear()
    {
        _counts.Clear();
        _tooMany = false;
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteByte(_tooMany ? (byte)1 : (byte)0);
        if (_tooMany) return;
        writer.WriteUnsigned((ulong)_counts.Count);
        foreach (var (value, count) in _counts.OrderBy(one => one.Key, ValueText.Order))
        {
            writer.WriteValue(value);
            writer.WriteUnsigned((ulong)count);
        }
    }

    public override void Read(ref StateReader reader)
    {
        _tooMany = reader.ReadFlag();
        if (_tooMany) return;
        var values = reader.ReadCount(2);
        if (values > valuesMax) throw new StateCorruptException($"{values} different values are counted where {valuesMax} may be.");
        for (; values > 0; values--)
        {
            var value = reader.ReadValue();
            if (!_counts.TryAdd(value, (long)reader.ReadUnsigned())) throw new StateCorruptException("A value is counted twice.");
        }
    }

    private void Add(in Value value, long count)
    {
        if (_tooMany) return;
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, value, out var exists);
        known += count;
        if (!exists && _counts.Count > valuesMax) GiveUp();
    }

    private void GiveUp()
    {
        _tooMany = true;
        _counts.Clear();
    }
}
