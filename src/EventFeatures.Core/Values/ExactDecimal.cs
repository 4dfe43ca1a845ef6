using System.Globalization;
using System.Numerics;
using System.Text;

namespace EventFeatures.Core.Values;

/// <summary>Decimals without hidden rounding: read exactly or not at all, and converted to a double with one rounding.</summary>
public static class ExactDecimal
{
    private const int ScaleMax = 28;

    // 10^22 is the largest power of ten that a double holds exactly.
    private static readonly double[] DoublePowers = [.. Enumerable.Range(0, 23).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    private static readonly BigInteger MantissaMax = (BigInteger.One << 96) - 1;

    /// <summary>
    /// Reads a JSON number. False when its value needs more than 96 bits or more than 28 places after the point;
    /// the library's own parser would round such a number.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out decimal value)
    {
        value = 0;
        if (json.Length is 0 or > 400) return false;
        var negative = json[0] == '-';
        ulong small = 0;
        BigInteger? large = null;
        var scale = 0;
        var afterPoint = false;
        var at = negative ? 1 : 0;
        for (; at < json.Length && json[at] is not ((byte)'e' or (byte)'E'); at++)
        {
            if (json[at] == '.') { afterPoint = true; continue; }
            var digit = (uint)(json[at] - '0');
            if (digit > 9) return false;
            if (large is null && small <= (ulong.MaxValue - 9) / 10) small = small * 10 + digit;
            else large = (large ?? small) * 10 + digit;
            if (afterPoint) scale++;
        }
        if (at < json.Length)
        {
            if (!System.Buffers.Text.Utf8Parser.TryParse(json[(at + 1)..].TrimStart((byte)'+'), out int exponent, out _)) return IsZero(small, large);
            if (exponent is < -1000 or > 1000) return IsZero(small, large);
            scale -= exponent;
        }
        if (large is null && scale is >= 0 and <= ScaleMax)
        {
            value = new decimal((int)small, (int)(small >> 32), 0, negative && small != 0, (byte)scale);
            return true;
        }
        return TryNormalise(large ?? small, scale, negative, out value);
    }

    /// <summary>Reads a text, of which the scale is kept: <c>12.50</c> has two places. False when it is no number, or one that a decimal would round.</summary>
    /// <param name="text">The text, of at most 400 characters.</param>
    /// <param name="styles">What a number may be written with.</param>
    /// <param name="value">The number; 0 when there is none.</param>
    public static bool TryParse(string text, NumberStyles styles, out decimal value)
    {
        // The library's parser knows how a number is written, but rounds it; the other one does not round, but takes the writing as checked.
        if (decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out value)
            && TryParse(Encoding.UTF8.GetBytes(text.Trim().TrimStart('+')), out var exact)
            && exact == value) return true;
        value = 0;
        return false;
    }

    /// <summary>As <see cref="Round(BigInteger, int)"/>, at once where nothing has to be rounded.</summary>
    public static decimal? Round(Int128 mantissa, int scale)
    {
        var digits = (UInt128)(mantissa < 0 ? -mantissa : mantissa);
        if (scale is < 0 or > ScaleMax || digits >> 96 != 0) return Round((BigInteger)mantissa, scale);
        return new decimal((int)(uint)digits, (int)(uint)(digits >> 32), (int)(uint)(digits >> 64), mantissa < 0, (byte)scale);
    }

    /// <summary>The decimal nearest to <c>mantissa / 10^scale</c>, halves to even; null when it is beyond the range of decimals.</summary>
    public static decimal? Round(BigInteger mantissa, int scale)
    {
        var negative = mantissa.Sign < 0;
        var digits = BigInteger.Abs(mantissa);
        if (scale < 0) (digits, scale) = (digits * BigInteger.Pow(10, -scale), 0);
        if (scale > ScaleMax || digits > MantissaMax)
        {
            var cut = Math.Max(scale - ScaleMax, 0);
            while (RoundedShift(digits, cut) > MantissaMax)
                if (++cut > scale) return null;
            (digits, scale) = (RoundedShift(digits, cut), scale - cut);
        }
        return Make(digits, scale, negative);
    }

    /// <summary>The double nearest to a decimal, halves to even.</summary>
    public static double ToDouble(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = (bits[3] >> 16) & 0xFF;
        var low = (ulong)(uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        // Both operands are exact, so the division rounds once.
        if (bits[2] == 0 && low <= 1UL << 53 && scale <= 22)
        {
            var magnitude = low / DoublePowers[scale];
            return value < 0 ? -magnitude : magnitude;
        }
        var mantissa = ((BigInteger)(uint)bits[2] << 64) | low;
        return ExactRatio.ToDouble(value < 0 ? -mantissa : mantissa, BigInteger.Pow(10, scale));
    }

    private static bool IsZero(ulong small, BigInteger? large) => large is null && small == 0;

    private static bool TryNormalise(BigInteger mantissa, int scale, bool negative, out decimal value)
    {
        value = 0;
        if (mantissa.IsZero) return true;
        while (scale > 0)
        {
            var quotient = BigInteger.DivRem(mantissa, 10, out var remainder);
            if (!remainder.IsZero) break;
            (mantissa, scale) = (quotient, scale - 1);
        }
        if (scale < -ScaleMax - 1) return false;
        if (scale < 0) (mantissa, scale) = (mantissa * BigInteger.Pow(10, -scale), 0);
        if (scale > ScaleMax || mantissa > MantissaMax) return false;
        value = Make(mantissa, scale, negative);
        return true;
    }

    private static BigInteger RoundedShift(BigInteger digits, int places)
    {
        if (places == 0) return digits;
        var unit = BigInteger.Pow(10, places);
        var quotient = BigInteger.DivRem(digits, unit, out var remainder);
        var half = (remainder * 2).CompareTo(unit);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static decimal Make(BigInteger digits, int scale, bool negative)
    {
        var low = (uint)(digits & uint.MaxValue);
        var middle = (uint)((digits >> 32) & uint.MaxValue);
        var high = (uint)((digits >> 64) & uint.MaxValue);
        return new decimal((int)low, (int)middle, (int)high, negative && !digits.IsZero, (byte)scale);
    }
}
