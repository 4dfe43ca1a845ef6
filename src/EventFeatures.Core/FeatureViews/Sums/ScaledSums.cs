using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// Exact sums of integers and decimals: whole numbers over the largest power of ten seen. A sum is a decimal,
/// so that 64-bit integers never overflow; one that needs more than 28 digits is rounded once, halves to even, and
/// one beyond the range of decimals (7.9e28, out of reach for integers) is null.
/// </summary>
internal sealed class ScaledSums(int powers) : NumericSums
{
    // A decimal has at most 28 places.
    private const ulong DecimalPlacesEnd = 29;

    private readonly ExactInteger[] _higher = new ExactInteger[powers - 1];
    private ExactInteger _sum;
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
        for (var i = 0; i < _higher.Length; i++) _higher[i].Add(sums._higher[i].Value * BigInteger.Pow(factor, i + 2));
    }

    public override void Clear()
    {
        Count = 0;
        _scale = 0;
        _sum = default;
        Array.Clear(_higher);
    }

    public override Value Sum() => ExactDecimal.Round(_sum.Value, _scale) is { } sum ? Value.Of(sum) : Value.Null;

    public override double Mean() => ExactRatio.ToDouble(_sum.Value, Count * BigInteger.Pow(10, _scale));

    public override double PerSecond(long microseconds) =>
        ExactRatio.ToDouble(_sum.Value * 1_000_000, microseconds * BigInteger.Pow(10, _scale));

    public override PowerSums? Powers() => new PowerSums(Count, [_sum.Value, .. _higher.Select(sum => sum.Value)], Exponent: 0, _scale);

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)Count);
        writer.WriteUnsigned((ulong)_scale);
        writer.WriteBig(_sum.Value);
        foreach (var sum in _higher) writer.WriteBig(sum.Value);
    }

    public override void Read(ref StateReader reader)
    {
        Count = (long)reader.ReadUnsigned();
        var scale = reader.ReadUnsigned();
        if (scale >= DecimalPlacesEnd) throw new StateCorruptException($"A sum has {scale} decimal places.");
        _scale = (int)scale;
        _sum.Add(reader.ReadBig());
        for (var i = 0; i < _higher.Length; i++) _higher[i].Add(reader.ReadBig());
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
        var units = mantissa * DecimalMantissa.PowerOf10(_scale - scale);
        _sum.Add(units);
        if (_higher.Length == 0) return;
        if (units < long.MinValue || units > long.MaxValue)
        {
            AddHigher(units);
            return;
        }
        var square = units * units;
        _higher[0].Add(square);
        for (var i = 1; i < _higher.Length; i++)
        {
            // 31 bits to the fourth power stay within 128.
            if (units >= int.MinValue && units <= int.MaxValue) _higher[i].Add(i == 1 ? square * units : square * square);
            else _higher[i].Add(BigInteger.Pow(units, i + 2));
        }
    }

    private void AddLarge(BigInteger units)
    {
        _sum.Add(units);
        AddHigher(units);
    }

    private void AddHigher(BigInteger units)
    {
        for (var i = 0; i < _higher.Length; i++) _higher[i].Add(BigInteger.Pow(units, i + 2));
    }

    // The largest scale of the terms is a fact of their set, not of their order.
    private void Rescale(int scale)
    {
        if (scale <= _scale) return;
        var factor = BigInteger.Pow(10, scale - _scale);
        _sum.Multiply(factor);
        for (var i = 0; i < _higher.Length; i++) _higher[i].Multiply(BigInteger.Pow(factor, i + 2));
        _scale = scale;
    }
}
