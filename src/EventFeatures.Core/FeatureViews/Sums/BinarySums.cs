using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// Exact sums of doubles. A NaN, or infinities of both signs, make the result NaN; infinities of one sign make a sum
/// or mean infinite and a variance NaN. A sum of zero is <c>+0.0</c>.
/// </summary>
internal sealed class BinarySums(bool withSquares) : NumericSums
{
    private readonly ExactSum _sum = ExactSum.OfTerms();
    private readonly ExactSum? _squares = withSquares ? ExactSum.OfSquares() : null;
    private Irregular _irregular;

    [Flags]
    private enum Irregular : byte { None = 0, NaN = 1, PositiveInfinity = 2, NegativeInfinity = 4 }

    public override void Add(in Value number)
    {
        Count++;
        var term = number.Number;
        if (double.IsFinite(term))
        {
            _sum.Add(term);
            _squares?.AddSquare(term);
            return;
        }
        _irregular |= double.IsNaN(term) ? Irregular.NaN : term > 0 ? Irregular.PositiveInfinity : Irregular.NegativeInfinity;
    }

    public override void Add(NumericSums other)
    {
        var sums = (BinarySums)other;
        Count += sums.Count;
        _irregular |= sums._irregular;
        _sum.Add(sums._sum);
        _squares?.Add(sums._squares!);
    }

    public override void Clear()
    {
        Count = 0;
        _irregular = Irregular.None;
        _sum.Clear();
        _squares?.Clear();
    }

    public override Value Sum() => Value.Of(IrregularSum() ?? ExactRatio.ToDouble(_sum.ToUnits(out var exponent), BigInteger.One, exponent));

    public override double Mean() => IrregularSum() ?? ExactRatio.ToDouble(_sum.ToUnits(out var exponent), Count, exponent);

    public override double SampleVariance()
    {
        if (_irregular != Irregular.None) return double.NaN;
        var sum = _sum.ToUnits(out var exponent);
        var squares = _squares!.ToUnits(out var squaresExponent);
        // Both terms of the difference are brought to the finer of their two units.
        var common = Math.Min(2 * exponent, squaresExponent);
        var left = (Count * squares) << (squaresExponent - common);
        var right = (sum * sum) << (2 * exponent - common);
        return ExactRatio.ToDouble(left - right, (BigInteger)Count * (Count - 1), common);
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)Count);
        writer.WriteByte((byte)_irregular);
        Write(writer, _sum);
        if (_squares is not null) Write(writer, _squares);
    }

    public override void Read(ref StateReader reader)
    {
        Count = (long)reader.ReadUnsigned();
        _irregular = (Irregular)reader.ReadByte();
        Read(ref reader, _sum);
        if (_squares is not null) Read(ref reader, _squares);
    }

    private double? IrregularSum() => _irregular switch
    {
        Irregular.None => null,
        Irregular.PositiveInfinity => double.PositiveInfinity,
        Irregular.NegativeInfinity => double.NegativeInfinity,
        _ => double.NaN,
    };

    private static void Write(StateWriter writer, ExactSum sum)
    {
        var units = sum.ToUnits(out var exponent);
        writer.WriteSigned(exponent);
        writer.WriteBig(units);
    }

    private static void Read(ref StateReader reader, ExactSum sum)
    {
        var exponent = reader.ReadSigned();
        if (exponent is < -4096 or > 4096 || !sum.TryAdd(reader.ReadBig(), (int)exponent)) throw new StateCorruptException("A sum is out of range.");
    }
}
