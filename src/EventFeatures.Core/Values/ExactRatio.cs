using System.Numerics;

namespace EventFeatures.Core.Values;

/// <summary>Turns an exact rational number into a double with a single rounding, so that its bits depend on its value alone.</summary>
public static class ExactRatio
{
    // 53 bits of the result, one to round by, and room for the quotient's length to be off by one.
    private const int QuotientBits = 66;

    private const int Precision = 53;

    // So far from the ends of the range of doubles that 128 bits above or below do not reach them.
    private const int SmallestExponent = -800, LargestExponent = 800;

    /// <summary>
    /// The double nearest to <c>numerator / denominator * 2^exponent</c>, halves to even, as IEEE 754 rounds:
    /// gradual underflow, and infinity past the largest double. Zero is <c>+0.0</c>.
    /// </summary>
    /// <param name="numerator">Any integer.</param>
    /// <param name="denominator">More than zero.</param>
    /// <param name="exponent">The power of two.</param>
    public static double ToDouble(BigInteger numerator, BigInteger denominator, int exponent = 0)
    {
        if (denominator.Sign <= 0) throw new ArgumentOutOfRangeException(nameof(denominator), "The denominator must be more than zero.");
        if (numerator.IsZero) return 0.0;
        var magnitude = BigInteger.Abs(numerator);
        var inexact = false;
        if (!denominator.IsOne)
        {
            var shift = (int)(QuotientBits - (magnitude.GetBitLength() - denominator.GetBitLength()));
            if (shift > 0) magnitude <<= shift;
            else denominator <<= -shift;
            magnitude = BigInteger.DivRem(magnitude, denominator, out var remainder);
            inexact = !remainder.IsZero;
            exponent -= shift;
        }
        var rounded = Round(magnitude, inexact, exponent);
        return numerator.Sign < 0 ? -rounded : rounded;
    }

    /// <summary>The double nearest to <c>units * 2^exponent</c>: the bits that <see cref="ToDouble"/> gives.</summary>
    public static double OfUnits(Int128 units, int exponent)
    {
        if (exponent is < SmallestExponent or > LargestExponent) return ToDouble(units, BigInteger.One, exponent);
        var magnitude = (UInt128)(units < 0 ? -units : units);
        var kept = (ulong)magnitude;
        if (128 - (int)UInt128.LeadingZeroCount(magnitude) - Precision is var excess and > 0)
        {
            kept = (ulong)(magnitude >> excess);
            var rest = magnitude - ((UInt128)kept << excess);
            var half = UInt128.One << (excess - 1);
            if (rest > half || (rest == half && (kept & 1) == 1)) kept++;
            exponent += excess;
        }
        var rounded = kept * PowerOf2(exponent);
        return units < 0 ? -rounded : rounded;
    }

    /// <summary>The double nearest to <c>units * 2^exponent / divisor</c>: the bits that <see cref="ToDouble"/> gives.</summary>
    /// <param name="units">Any whole number.</param>
    /// <param name="divisor">More than zero.</param>
    /// <param name="exponent">The power of two.</param>
    public static double OfUnits(Int128 units, int divisor, int exponent) =>
        // Both operands are exact, so the division rounds once, and far from the ends of the range a power of two rounds nothing.
        IsExact(units) && exponent is >= SmallestExponent and <= LargestExponent
            ? (double)(long)units / divisor * PowerOf2(exponent)
            : ToDouble(units, divisor, exponent);

    /// <summary>The double nearest to <c>units / (divisor * 10^scale)</c>: the bits that <see cref="ToDouble"/> gives.</summary>
    /// <param name="units">Any whole number.</param>
    /// <param name="divisor">More than zero.</param>
    /// <param name="scale">From 0 to 28.</param>
    public static double OfDecimal(Int128 units, int divisor, int scale)
    {
        var denominator = divisor * DecimalMantissa.PowerOf10(scale);
        return IsExact(units) && IsExact(denominator) ? (double)(long)units / (long)denominator : ToDouble(units, denominator);
    }

    // Whether a double holds it.
    private static bool IsExact(Int128 number) => number >= -(1L << Precision) && number <= 1L << Precision;

    private static double PowerOf2(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);

    /// <summary>The double nearest to the square root of <c>numerator / denominator</c>, halves to even.</summary>
    /// <param name="numerator">At least zero.</param>
    /// <param name="denominator">More than zero.</param>
    public static double SquareRoot(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.Sign < 0) throw new ArgumentOutOfRangeException(nameof(numerator), "The numerator must not be negative.");
        if (denominator.Sign <= 0) throw new ArgumentOutOfRangeException(nameof(denominator), "The denominator must be more than zero.");
        if (numerator.IsZero) return 0.0;
        var shift = (int)(2 * QuotientBits - (numerator.GetBitLength() - denominator.GetBitLength()));
        // Half of the shift is the root's.
        shift += shift & 1;
        if (shift > 0) numerator <<= shift;
        else denominator <<= -shift;
        var square = BigInteger.DivRem(numerator, denominator, out var remainder);
        var root = SquareRootFloor(square);
        return Round(root, !remainder.IsZero || root * root != square, -shift / 2);
    }

    /// <summary>The largest integer whose square is at most <paramref name="square"/>, which is not negative.</summary>
    public static BigInteger SquareRootFloor(BigInteger square)
    {
        if (square.IsZero) return square;
        // Newton's iteration from above falls until it is there.
        var root = BigInteger.One << (int)((square.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + square / root) >> 1;
            if (next >= root) return root;
            root = next;
        }
    }

    private static double Round(BigInteger magnitude, bool inexact, int exponent)
    {
        var top = magnitude.GetBitLength() - 1 + exponent;
        if (top > 1023) return double.PositiveInfinity;
        var lowest = Math.Max(top - 52, -1074);
        var drop = lowest - exponent;
        if (drop <= 0) return Math.ScaleB((double)(ulong)(magnitude << (int)-drop), (int)lowest);
        if (drop > magnitude.GetBitLength() + 1) return 0.0;
        var kept = magnitude >> (int)drop;
        var rest = magnitude - (kept << (int)drop);
        var half = rest.CompareTo(BigInteger.One << (int)(drop - 1));
        if (half > 0 || (half == 0 && (inexact || !kept.IsEven))) kept += 1;
        return Math.ScaleB((double)(ulong)kept, (int)lowest);
    }
}
