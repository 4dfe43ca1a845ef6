using System.Numerics;

namespace EventFeatures.Core.Values;

/// <summary>A finite number of any kind as the fraction that it is.</summary>
/// <param name="Numerator">Any integer.</param>
/// <param name="Denominator">More than zero; not always the least.</param>
internal readonly record struct ExactFraction(BigInteger Numerator, BigInteger Denominator) : IComparable<ExactFraction>
{
    /// <summary>The fraction of an integer, a decimal or a finite number.</summary>
    public static ExactFraction Of(in Value value) => value.Kind switch
    {
        ValueKind.Integer => new ExactFraction(value.Integer, BigInteger.One),
        ValueKind.Decimal => new ExactFraction(DecimalMantissa.Of(value.Decimal, out var scale), BigInteger.Pow(10, scale)),
        ValueKind.Number => Of(value.Number),
        _ => throw new ArgumentException($"A {value.Kind} is no fraction."),
    };

    /// <summary>The fraction of a finite double.</summary>
    public static ExactFraction Of(double number)
    {
        if (!double.IsFinite(number)) throw new ArgumentOutOfRangeException(nameof(number), "Only finite numbers are fractions.");
        var bits = BitConverter.DoubleToInt64Bits(number);
        var biased = (int)(bits >> 52) & 0x7FF;
        var mantissa = (bits & 0x000F_FFFF_FFFF_FFFF) | (biased == 0 ? 0 : 0x0010_0000_0000_0000);
        var exponent = Math.Max(biased, 1) - 1075;
        BigInteger whole = number < 0 ? -mantissa : mantissa;
        return exponent >= 0 ? new ExactFraction(whole << exponent, BigInteger.One) : new ExactFraction(whole, BigInteger.One << -exponent);
    }

    /// <summary>The nearest double.</summary>
    public double ToDouble() => ExactRatio.ToDouble(Numerator, Denominator);

    /// <summary>The number nearest to a value of a numeric kind, whether it is finite or not.</summary>
    public static double ToNumber(in Value value) => value.Kind switch
    {
        ValueKind.Number => value.Number,
        ValueKind.Integer => value.Integer,
        _ => ExactDecimal.ToDouble(value.Decimal),
    };

    /// <summary>The exact difference.</summary>
    public static ExactFraction operator -(ExactFraction left, ExactFraction right) =>
        new(left.Numerator * right.Denominator - right.Numerator * left.Denominator, left.Denominator * right.Denominator);

    /// <summary>The exact sum.</summary>
    public static ExactFraction operator +(ExactFraction left, ExactFraction right) =>
        new(left.Numerator * right.Denominator + right.Numerator * left.Denominator, left.Denominator * right.Denominator);

    /// <summary>The exact product.</summary>
    public static ExactFraction operator *(ExactFraction left, ExactFraction right) =>
        new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    /// <inheritdoc/>
    public int CompareTo(ExactFraction other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);
}
