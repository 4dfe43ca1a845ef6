namespace EventFeatures.Core.Values;

/// <summary>Takes decimals apart into whole numbers.</summary>
internal static class DecimalMantissa
{
    private static readonly Int128[] Powers10 = [.. Enumerable.Range(0, 29).Select(power => (Int128)System.Numerics.BigInteger.Pow(10, power))];

    /// <summary>A power of ten, from 0 to 28.</summary>
    public static Int128 PowerOf10(int power) => Powers10[power];

    /// <summary>The mantissa of a decimal's four words.</summary>
    public static Int128 Of(ReadOnlySpan<int> words, bool negative)
    {
        Int128 magnitude = new((uint)words[2], (ulong)(uint)words[0] | ((ulong)(uint)words[1] << 32));
        return negative ? -magnitude : magnitude;
    }

    /// <summary>The mantissa and scale of a decimal: its value is <c>mantissa / 10^scale</c>.</summary>
    public static Int128 Of(decimal value, out int scale)
    {
        Span<int> words = stackalloc int[4];
        decimal.GetBits(value, words);
        scale = (words[3] >> 16) & 0xFF;
        return Of(words, value < 0);
    }
}
