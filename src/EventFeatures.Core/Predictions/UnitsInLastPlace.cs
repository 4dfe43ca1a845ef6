using EventFeatures.Core.Values;

namespace EventFeatures.Core.Predictions;

/// <summary>How far two floating-point numbers are apart: how many representable numbers one has to step over.</summary>
public static class UnitsInLastPlace
{
    /// <summary>Between two doubles; 0 iff they are equal or both NaN, null when only one is NaN. -0 and 0 are one step apart.</summary>
    public static ulong? Between(double left, double right) =>
        double.IsNaN(left) || double.IsNaN(right)
            ? double.IsNaN(left) && double.IsNaN(right) ? 0 : null
            : Distance(Ordered(BitConverter.DoubleToInt64Bits(left)), Ordered(BitConverter.DoubleToInt64Bits(right)));

    /// <summary>Between two floats, likewise.</summary>
    public static ulong? Between(float left, float right) =>
        float.IsNaN(left) || float.IsNaN(right)
            ? float.IsNaN(left) && float.IsNaN(right) ? 0 : null
            : Distance(Ordered(BitConverter.SingleToInt32Bits(left)), Ordered(BitConverter.SingleToInt32Bits(right)));

    /// <summary>Between two values; null unless both are numbers.</summary>
    public static ulong? Between(in Value left, in Value right) =>
        left.Kind == ValueKind.Number && right.Kind == ValueKind.Number ? Between(left.Number, right.Number) : null;

    // Negative numbers' bits count downwards; this lines all of them up in the order of the numbers.
    private static long Ordered(long bits) => bits >= 0 ? bits : -(bits & long.MaxValue) - 1;

    private static long Ordered(int bits) => bits >= 0 ? bits : -(long)(bits & int.MaxValue) - 1;

    private static ulong Distance(long left, long right) => left >= right ? (ulong)left - (ulong)right : (ulong)right - (ulong)left;
}
