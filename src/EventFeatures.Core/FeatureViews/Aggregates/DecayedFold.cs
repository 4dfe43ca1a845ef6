using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// Exact sums of weighted numbers, one for each half-life since the epoch. Within one, an input weighs <c>2^f</c>, where
/// <c>f</c> is the part of the half-life that had gone by; between them, powers of two.
/// </summary>
internal sealed class DecayedFold(Duration halfLife) : Accumulator
{
    /// <summary>How many half-lives back inputs still count.</summary>
    public const int HalfLivesMax = 64;

    private const int WeightPlaces = 63;

    private readonly SortedDictionary<long, Part> _parts = [];
    private long _newest = long.MinValue;

    public override void Add(in Value input, Place place)
    {
        var (index, rest) = Math.DivRem(place.OccurredAt.Microseconds, halfLife.Microseconds);
        if (rest < 0) (index, rest) = (index - 1, rest + halfLife.Microseconds);
        Of(index)?.Add(ExactFraction.ToNumber(input), BinaryLogarithm.Power(rest, halfLife.Microseconds));
    }

    public override void Merge(Accumulator other)
    {
        foreach (var (index, part) in ((DecayedFold)other)._parts) Of(index)?.Add(part);
    }

    public override Value Finish(Instant asOf)
    {
        if (_parts.Count == 0) return Value.Null;
        var irregular = Irregularity.None;
        BigInteger above = 0, below = 0;
        var unit = 0;
        foreach (var (index, part) in _parts)
        {
            irregular |= part.Irregular;
            // All are brought to the oldest half-life that can count, and the sums to the finest of their units.
            var age = (int)(_newest - index);
            below += (BigInteger)part.Weights << (HalfLivesMax - age);
            var units = part.Sum.ToUnits(out var exponent) << (HalfLivesMax - age);
            if (exponent < unit) (above, unit) = (above << (unit - exponent), exponent);
            above += units << (exponent - unit);
        }
        return Value.Of(irregular.Result() ?? ExactRatio.ToDouble(above, below, unit + WeightPlaces));
    }

    public override void Clear()
    {
        _parts.Clear();
        _newest = long.MinValue;
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)_parts.Count);
        foreach (var (index, part) in _parts)
        {
            writer.WriteSigned(index);
            part.Write(writer);
        }
    }

    public override void Read(ref StateReader reader)
    {
        var count = reader.ReadCount();
        for (; count > 0; count--)
        {
            var part = new Part();
            if (!_parts.TryAdd(_newest = reader.ReadSigned(), part)) throw new StateCorruptException("A half-life is there twice.");
            part.Read(ref reader);
        }
        if (_parts.Count > 0 && (_newest != _parts.Keys.Last() || _newest - _parts.Keys.First() >= HalfLivesMax)) throw new StateCorruptException("Half-lives are out of order.");
    }

    // What is too old never counts again, since the newest only gets newer: so leaving it out depends on no order.
    private Part? Of(long index)
    {
        if (index > _newest)
        {
            _newest = index;
            while (_parts.Count > 0 && _parts.Keys.First() is var oldest && _newest - oldest >= HalfLivesMax) _parts.Remove(oldest);
        }
        else if (_newest - index >= HalfLivesMax) return null;
        if (!_parts.TryGetValue(index, out var part)) _parts.Add(index, part = new Part());
        return part;
    }

    private sealed class Part
    {
        public ExactSum Sum { get; } = ExactSum.OfProducts(WeightPlaces);

        public UInt128 Weights { get; private set; }

        public Irregularity Irregular { get; private set; }

        public void Add(double number, ulong weight)
        {
            Weights += weight;
            if (double.IsFinite(number)) Sum.AddProduct(number, weight);
            else Irregular |= Irregularities.Of(number);
        }

        public void Add(Part other)
        {
            Weights += other.Weights;
            Irregular |= other.Irregular;
            Sum.Add(other.Sum);
        }

        public void Write(StateWriter writer)
        {
            writer.WriteByte((byte)Irregular);
            writer.WriteBig(Weights);
            Sum.Write(writer);
        }

        public void Read(ref StateReader reader)
        {
            Irregular = (Irregularity)reader.ReadByte();
            var weights = reader.ReadBig();
            if (weights.Sign <= 0 || weights.GetBitLength() > 127) throw new StateCorruptException("A weight is out of range.");
            Weights = (UInt128)weights;
            Sum.Read(ref reader);
        }
    }
}
