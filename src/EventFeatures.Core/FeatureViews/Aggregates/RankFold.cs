using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>Finds the input at a rank: exactly while there are few different ones, then by buckets.</summary>
internal sealed class RankFold(decimal share) : Accumulator
{
    /// <summary>How many different inputs are told apart, and into how many buckets more are put.</summary>
    public const int ExactMax = 2_048;

    private readonly Dictionary<Value, long> _exact = [];
    private NumberBuckets? _buckets;
    // The ends of a sketch, as OrderedBits.
    private ulong _least = ulong.MaxValue, _greatest;

    public override void Add(in Value input, Place place) => Add(ValueText.Canonical(input), 1);

    public override void Merge(Accumulator other)
    {
        var fold = (RankFold)other;
        foreach (var (value, count) in fold._exact) Add(value, count);
        if (fold._buckets is null) return;
        if (_buckets is null) Sketch();
        _buckets!.Add(fold._buckets);
        (_least, _greatest) = (Math.Min(_least, fold._least), Math.Max(_greatest, fold._greatest));
    }

    public override Value Finish(Instant asOf)
    {
        var count = _buckets?.Count ?? _exact.Values.Sum();
        if (count == 0) return Value.Null;
        // The rank is a fraction with a power of ten below.
        var places = (BigInteger)DecimalMantissa.Of(share, out var scale) * (count - 1);
        var unit = BigInteger.Pow(10, scale);
        var rank = (long)BigInteger.DivRem(places, unit, out var rest);
        var ranks = _buckets is null ? Ranks(rank, count) : SketchedRanks(rank, count);
        return Value.Of(Between(ranks.Lower, ranks.Upper, new ExactFraction(rest, unit)));
    }

    public override void Clear()
    {
        _exact.Clear();
        _buckets = null;
        (_least, _greatest) = (ulong.MaxValue, 0);
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteByte(_buckets is null ? (byte)0 : (byte)1);
        if (_buckets is not null)
        {
            writer.WriteBits((long)_least);
            writer.WriteBits((long)_greatest);
            _buckets.Write(writer);
            return;
        }
        writer.WriteUnsigned((ulong)_exact.Count);
        foreach (var (value, count) in _exact.OrderBy(one => one.Key, ValueText.Order))
        {
            writer.WriteValue(value);
            writer.WriteUnsigned((ulong)count);
        }
    }

    public override void Read(ref StateReader reader)
    {
        if (reader.ReadFlag())
        {
            (_least, _greatest) = ((ulong)reader.ReadBits(), (ulong)reader.ReadBits());
            _buckets = new NumberBuckets(ExactMax, keepsEnds: false);
            _buckets.Read(ref reader);
            return;
        }
        var values = reader.ReadCount(2);
        if (values > ExactMax) throw new StateCorruptException($"{values} different values are told apart.");
        for (; values > 0; values--)
        {
            var value = reader.ReadValue();
            if (!_exact.TryAdd(value, (long)reader.ReadUnsigned())) throw new StateCorruptException("A value is counted twice.");
        }
    }

    private void Add(in Value value, long count)
    {
        if (_buckets is not null)
        {
            AddToBuckets(value, count);
            return;
        }
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_exact, value, out var exists);
        known += count;
        if (!exists && _exact.Count > ExactMax) Sketch();
    }

    // The buckets follow from the set of inputs alone, so it does not matter when this happens.
    private void Sketch()
    {
        _buckets = new NumberBuckets(ExactMax, keepsEnds: false);
        foreach (var (value, count) in _exact) AddToBuckets(value, count);
        _exact.Clear();
    }

    private void AddToBuckets(in Value value, long count)
    {
        var number = ExactFraction.ToNumber(value);
        _buckets!.Add(number, count);
        var bits = OrderedBits.Of(number);
        (_least, _greatest) = (Math.Min(_least, bits), Math.Max(_greatest, bits));
    }

    private (Value Lower, Value Upper) Ranks(long rank, long count)
    {
        var (lower, passed) = (Value.Null, 0L);
        foreach (var (value, times) in _exact.OrderBy(one => one.Key, ValueText.Order))
        {
            passed += times;
            if (lower.IsNull && passed > rank) lower = value;
            if (passed > Math.Min(rank + 1, count - 1)) return (lower, value);
        }
        throw new System.Diagnostics.UnreachableException();
    }

    private (Value Lower, Value Upper) SketchedRanks(long rank, long count)
    {
        var (lower, passed) = (Value.Null, 0L);
        foreach (var (key, bucket) in _buckets!.InOrder)
        {
            passed += bucket.Count;
            if (lower.IsNull && passed > rank) lower = Sketched(rank, count, key);
            if (passed > Math.Min(rank + 1, count - 1)) return (lower, Sketched(rank + 1, count, key));
        }
        throw new System.Diagnostics.UnreachableException();
    }

    private Value Sketched(long rank, long count, ulong key)
    {
        var (first, last) = (OrderedBits.ToNumber(_least), OrderedBits.ToNumber(_greatest));
        if (rank <= 0) return Value.Of(first);
        if (rank >= count - 1) return Value.Of(last);
        var (least, greatest) = _buckets!.RangeOf(key);
        // Beside zero lie only numbers below 2^-1021, of which it is the nearest that anybody means.
        if (least == 0) return Value.Of(0.0);
        var (from, to) = (least < first ? first : least, greatest < last ? greatest : last);
        return Value.Of(double.IsFinite(from) && double.IsFinite(to) ? from * 0.5 + to * 0.5 : from);
    }

    private static double Between(in Value lower, in Value upper, ExactFraction part)
    {
        if (part.Numerator.IsZero || lower == upper) return ExactFraction.ToNumber(lower);
        if (lower.Kind == ValueKind.Number && (!double.IsFinite(lower.Number) || !double.IsFinite(upper.Number)))
            return lower.Number + upper.Number;
        var from = ExactFraction.Of(lower);
        return (from + (ExactFraction.Of(upper) - from) * part).ToDouble();
    }
}
