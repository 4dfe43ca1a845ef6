using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// Numbers as whole numbers in the same order. Those that share their upper bits lie near to each other, relative to
/// their size: with <c>s</c> lower bits left off, two of one sign differ by less than <c>2^(s - 52)</c> of the lesser.
/// </summary>
internal static class OrderedBits
{
    private const ulong Sign = 1UL << 63;

    /// <summary>The whole number of a number; both zeros have one, and NaN has the greatest.</summary>
    public static ulong Of(double number)
    {
        if (double.IsNaN(number)) return ulong.MaxValue;
        var bits = BitConverter.DoubleToUInt64Bits(number == 0 ? 0.0 : number);
        return (bits & Sign) == 0 ? bits | Sign : ~bits;
    }

    /// <summary>The whole number of a number in the order of <see cref="ValueOrder"/>, which tells the zeros apart; all NaNs have one.</summary>
    public static long TotalOf(double number)
    {
        if (double.IsNaN(number)) return long.MaxValue;
        var bits = BitConverter.DoubleToInt64Bits(number);
        return bits >= 0 ? bits : bits ^ long.MaxValue;
    }

    /// <summary>The number that <see cref="TotalOf"/> gave.</summary>
    public static double ToTotalNumber(long bits) =>
        bits == long.MaxValue ? double.NaN : BitConverter.Int64BitsToDouble(bits >= 0 ? bits : bits ^ long.MaxValue);

    /// <summary>The number of a whole number.</summary>
    public static double ToNumber(ulong bits)
    {
        var number = BitConverter.UInt64BitsToDouble((bits & Sign) != 0 ? bits & ~Sign : ~bits);
        return double.IsNaN(number) ? double.NaN : number;
    }
}
