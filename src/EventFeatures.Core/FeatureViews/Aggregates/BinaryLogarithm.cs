using System.Numerics;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// The logarithm to base 2 and its inverse in whole-number arithmetic, which is the same on every machine; the
/// platform's own functions are not.
/// </summary>
internal static class BinaryLogarithm
{
    /// <summary>After how many binary places a logarithm ends.</summary>
    public const int Places = 110;

    // 2^(2^-i) for i from 1 to 64, to 127 binary places.
    private static readonly UInt128[] Roots = MakeRoots();

    /// <summary><c>log2(number) * 2^Places</c>, at most 2^-13 too small; exact for powers of two.</summary>
    /// <param name="number">At least 1.</param>
    public static BigInteger Of(ulong number)
    {
        var whole = BitOperations.Log2(number);
        // Squaring doubles the logarithm; each time the square passes 2, the next binary place is a one.
        var x = (UInt128)number << (127 - whole);
        var fraction = UInt128.Zero;
        for (var place = 0; place < Places; place++)
        {
            x = Multiply(x, x);
            fraction <<= 1;
            if (x >> 127 != 0) fraction |= 1;
            else x <<= 1;
        }
        return ((BigInteger)whole << Places) + fraction;
    }

    /// <summary>
    /// <c>2^(numerator / denominator)</c> in units of 2^-63, to the nearest but for at most one unit: the weight of a
    /// part of a half-life.
    /// </summary>
    /// <param name="numerator">At least zero, below <paramref name="denominator"/>.</param>
    /// <param name="denominator">More than zero.</param>
    public static ulong Power(long numerator, long denominator)
    {
        var fraction = (ulong)(((UInt128)(ulong)numerator << 64) / (ulong)denominator);
        var x = UInt128.One << 127;
        for (var i = 0; fraction != 0; i++, fraction <<= 1)
        {
            // Both factors lie in [1, 2), and so does the product, since the exponents add up to less than 1.
            if ((fraction & (1UL << 63)) != 0) x = Multiply(x, Roots[i]) << 1;
        }
        return (ulong)(x >> 64);
    }

    // The upper 128 bits of the product, at most 3 too small.
    private static UInt128 Multiply(UInt128 left, UInt128 right)
    {
        var (a, b, c, d) = ((ulong)(left >> 64), (ulong)left, (ulong)(right >> 64), (ulong)right);
        return Math.BigMul(a, c) + (Math.BigMul(a, d) >> 64) + (Math.BigMul(b, c) >> 64);
    }

    private static UInt128[] MakeRoots()
    {
        const int Guard = 200;
        var roots = new UInt128[64];
        var root = (BigInteger)2 << Guard;
        for (var i = 0; i < roots.Length; i++)
        {
            root = Values.ExactRatio.SquareRootFloor(root << Guard);
            roots[i] = (UInt128)(root >> (Guard - 127));
        }
        return roots;
    }
}
