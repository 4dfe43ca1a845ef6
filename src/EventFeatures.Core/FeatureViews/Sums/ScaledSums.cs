using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// Exact sums of integers and decimals: whole numbers over the largest power of ten seen. A sum is a decimal,
/// so that 64-bit integers never overflow; one that needs more than 28 digits is rounded once, halves to even, and
/// one beyond the range of decimals (7.9e28, out of reach for integers) is null.
/// </summary>
internal sealed class ScaledSums(bool withSquares) : NumericSums
{
    private static readonly Int128[] Powers = [.. Enumerable.Range(0, 29).Select(power => (Int128)BigInteger.Pow(10, power))];

    private ExactInteger _sum;
    private ExactInteger _squares;
    private int _scale;

    public override void Add(in Value number)
    {
        Count++;
        if (number.Kind == ValueKind.Integer) Add(number.Integer, 0);
        else Add(DecimalMantissa.Of(number.Decimal, out var scale), scale);
    }

    public override void Add(NumericSums other)
    {
        var sums = (ScaledSums)other;
        Count += sums.Count;
        Rescale(sums._scale);
        var factor = BigInteger.Pow(10, _scale - sums._scale);
        _sum.Add(sums._sum.Value * factor);
        if (withSquares) _squares.Add(sums._squares.Value * factor * factor);
    }

    public override void Clear()
    {
        Count = 0;
        _scale = 0;
        (_sum, _squares) = (default, default);
    }

    public override Value Sum() => ExactDecimal.Round(_sum.Value, _scale) is { } sum ? Value.Of(sum) : Value.Null;

    public override double Mean() => ExactRatio.ToDouble(_sum.Value, Count * BigInteger.Pow(10, _scale));

    public override double SampleVariance()
    {
        var sum = _sum.Value;
        return ExactRatio.ToDouble(
            Count * _squares.Value - sum * sum, (BigInteger)Count * (Count - 1) * BigInteger.Pow(10, 2 * _scale));
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)Count);
        writer.WriteUnsigned((ulong)_scale);
        writer.WriteBig(_sum.Value);
        if (withSquares) writer.WriteBig(_squares.Value);
    }

    public override void Read(ref StateReader reader)
    {
        Count = (long)reader.ReadUnsigned();
        var scale = reader.ReadUnsigned();
        if (scale >= (ulong)Powers.Length) throw new StateCorruptException($"A sum has {scale} decimal places.");
        _scale = (int)scale;
        _sum.Add(reader.ReadBig());
        if (withSquares) _squares.Add(reader.ReadBig());
    }

    private void Add(Int128 mantissa, int scale)
    {
        Rescale(scale);
        if (mantissa < long.MinValue || mantissa > long.MaxValue || _scale - scale > 18)
        {
            AddLarge(mantissa * BigInteger.Pow(10, _scale - scale));
            return;
        }
        // 63 bits times 60 bits stay within 128.
        var units = mantissa * Powers[_scale - scale];
        _sum.Add(units);
        if (!withSquares) return;
        if (units >= long.MinValue && units <= long.MaxValue) _squares.Add(units * units);
        else _squares.Add((BigInteger)units * units);
    }

    private void AddLarge(BigInteger units)
    {
        _sum.Add(units);
        if (withSquares) _squares.Add(units * units);
    }

    // The largest scale of the terms is a fact of their set, not of their order.
    private void Rescale(int scale)
    {
        if (scale <= _scale) return;
        var factor = BigInteger.Pow(10, scale - _scale);
        _sum.Multiply(factor);
        _squares.Multiply(factor * factor);
        _scale = scale;
    }
}
