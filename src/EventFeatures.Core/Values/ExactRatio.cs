using System.Numerics;

namespace EventFeatures.Core.Values;

/// <summary>Turns an exact rational number into a double with a single rounding, so that its bits depend on its value alone.</summary>
public static class ExactRatio
{
    // 53 bits of the result, one to round by, and room for the quotient's length to be off by one.
    private const int QuotientBits = 66;

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
