using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// Exact sums of doubles. A NaN, or infinities of both signs, make the result NaN; infinities of one sign make a sum
/// or mean infinite and a variance NaN. A sum of zero is <c>+0.0</c>.
/// </summary>
internal sealed class BinarySums(int powers) : NumericSums
{
    private readonly ExactSum _sum = ExactSum.OfPowers(1);
    private readonly ExactSum[] _higher = [.. Enumerable.Range(2, powers - 1).Select(ExactSum.OfPowers)];
    private Irregularity _irregular;

    public override void Add(in Value number)
    {
        Count++;
        var term = number.Number;
        if (double.IsFinite(term))
        {
            _sum.Add(term);
            if (_higher.Length > 0) _higher[0].AddSquare(term);
            for (var i = 1; i < _higher.Length; i++) _higher[i].AddPower(term, i + 2);
            return;
        }
        _irregular |= Irregularities.Of(term);
    }

    public override void Add(NumericSums other)
    {
        var sums = (BinarySums)other;
        Count += sums.Count;
        _irregular |= sums._irregular;
        _sum.Add(sums._sum);
        for (var i = 0; i < _higher.Length; i++) _higher[i].Add(sums._higher[i]);
    }

    public override void Clear()
    {
        Count = 0;
        _irregular = Irregularity.None;
        _sum.Clear();
        foreach (var sum in _higher) sum.Clear();
    }

    public override Value Sum() => Value.Of(_irregular.Result() ?? _sum.ToDouble());

    public override double Mean() => _irregular.Result() ?? ExactRatio.ToDouble(_sum.ToUnits(out var exponent), Count, exponent);

    public override double PerSecond(long microseconds) =>
        _irregular.Result() ?? ExactRatio.ToDouble(_sum.ToUnits(out var exponent) * 1_000_000, microseconds, exponent);

    public override PowerSums? Powers()
    {
        if (_irregular != Irregularity.None) return null;
        Span<int> exponents = stackalloc int[powers];
        var sums = new BigInteger[powers];
        for (var i = 0; i < powers; i++) sums[i] = (i == 0 ? _sum : _higher[i - 1]).ToUnits(out exponents[i]);
        // The unit is the coarsest of which each sum is a whole number.
        var unit = int.MaxValue;
        for (var i = 0; i < powers; i++)
            if (!sums[i].IsZero) unit = Math.Min(unit, (int)Math.Floor(exponents[i] / (double)(i + 1)));
        if (unit == int.MaxValue) unit = 0;
        for (var i = 0; i < powers; i++)
            if (!sums[i].IsZero) sums[i] <<= exponents[i] - (i + 1) * unit;
        return new PowerSums(Count, sums, unit, Scale: 0);
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)Count);
        writer.WriteByte((byte)_irregular);
        _sum.Write(writer);
        foreach (var sum in _higher) sum.Write(writer);
    }

    public override void Read(ref StateReader reader)
    {
        Count = (long)reader.ReadUnsigned();
        _irregular = (Irregularity)reader.ReadByte();
        _sum.Read(ref reader);
        foreach (var sum in _higher) sum.Read(ref reader);
    }
}
