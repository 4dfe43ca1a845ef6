using System.Numerics;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>
/// The doubles nearest to exact quotients and their roots, halves to even: what is left to do once a database has the
/// exact sums. It shares nothing with the kernels. Results are neither subnormal nor beyond the largest double.
/// </summary>
internal static class ExactRounding
{
    // Three more than a double has, and one for whether anything is left over: enough to tell on which side of a half it lies.
    private const int Bits = 57;

    /// <summary>The nearest double to a quotient.</summary>
    public static double Quotient(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero) return 0.0;
        if (numerator.Sign * denominator.Sign < 0) return -Quotient(BigInteger.Abs(numerator), BigInteger.Abs(denominator));
        (numerator, denominator) = (BigInteger.Abs(numerator), BigInteger.Abs(denominator));
        var shift = Bits - (int)(numerator.GetBitLength() - denominator.GetBitLength());
        var whole = BigInteger.DivRem(Shifted(numerator, shift), Shifted(denominator, -shift), out var rest);
        return Rounded(whole, !rest.IsZero, -shift);
    }

    /// <summary>The nearest double to the square root of a quotient that is not negative.</summary>
    public static double Root(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero) return 0.0;
        var shift = (2 * Bits) - (int)(numerator.GetBitLength() - denominator.GetBitLength());
        shift += shift & 1;
        var square = BigInteger.DivRem(Shifted(numerator, shift), Shifted(denominator, -shift), out var rest);
        // Newton's steps from above end at the whole root.
        var root = BigInteger.One << (int)((square.GetBitLength() + 1) / 2);
        for (var next = (root + (square / root)) >> 1; next < root; next = (root + (square / root)) >> 1) root = next;
        return Rounded(root, !rest.IsZero || root * root != square, -shift / 2);
    }

    private static BigInteger Shifted(BigInteger number, int by) => by > 0 ? number << by : number;

    // A conversion from 64 bits rounds once, and the last bit says that more follows.
    private static double Rounded(BigInteger whole, bool isMore, int exponent) => Math.ScaleB((double)(long)((whole << 1) + (isMore ? 1 : 0)), exponent - 1);
}
