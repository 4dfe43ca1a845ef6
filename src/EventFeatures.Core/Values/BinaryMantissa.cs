using System.Numerics;

namespace EventFeatures.Core.Values;

/// <summary>Takes doubles apart into whole numbers.</summary>
internal static class BinaryMantissa
{
    private const int FractionBits = 52;

    // The least bit of a double weighs 2^-1074.
    private const int LeastBit = -1074;

    /// <summary>The odd whole number and the power of two that a finite number other than zero is the product of.</summary>
    public static (long Mantissa, int Exponent) Of(double number)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var biased = (int)(bits >> FractionBits) & 0x7FF;
        var fraction = bits & ((1L << FractionBits) - 1);
        if (biased > 0) fraction |= 1L << FractionBits;
        var zeros = BitOperations.TrailingZeroCount(fraction);
        var mantissa = fraction >> zeros;
        return (bits < 0 ? -mantissa : mantissa, Math.Max(biased, 1) - 1 + LeastBit + zeros);
    }
}
