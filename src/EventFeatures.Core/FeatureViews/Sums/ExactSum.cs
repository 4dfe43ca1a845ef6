using System.Numerics;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// The exact sum of doubles, or of their squares, in fixed point over the whole range of doubles: digits of 32 bits
/// in 64-bit words, so that carries can wait for 2^30 additions. Exact addition is associative and commutative,
/// which is why the sum depends on the set of its terms alone.
/// </summary>
/// <remarks>Source: R. M. Neal, Fast exact summation using small and large superaccumulators, 2015.</remarks>
internal sealed class ExactSum
{
    private const int AdditionsMax = 1 << 30;

    // The least bit of a double weighs 2^-1074; the least bit of a square, 2^-2148.
    private readonly int _lowestExponent;
    private readonly long[] _digits;
    private int _additions;
    private int _low = int.MaxValue;
    private int _high = -1;

    private ExactSum(int lowestExponent, int digits)
    {
        _lowestExponent = lowestExponent;
        _digits = new long[digits];
    }

    /// <summary>A sum of doubles.</summary>
    public static ExactSum OfTerms() => new(-1074, 74);

    /// <summary>A sum of squares of doubles.</summary>
    public static ExactSum OfSquares() => new(-2148, 141);

    /// <summary>Adds a finite double.</summary>
    public void Add(double term)
    {
        var mantissa = Split(term, out var position, out var negative);
        Add(mantissa, 0, position, negative);
    }

    /// <summary>Adds the square of a finite double.</summary>
    public void AddSquare(double root)
    {
        var mantissa = Split(root, out var position, out _);
        var high = Math.BigMul(mantissa, mantissa, out var low);
        Add(low, high, position * 2, negative: false);
    }

    /// <summary>Adds another sum of the same sort.</summary>
    public void Add(ExactSum other)
    {
        if (other._high < 0) return;
        Settle();
        other.Settle();
        for (var i = other._low; i <= other._high; i++) _digits[i] += other._digits[i];
        Touch(other._low, other._high);
        _additions = 2;
    }

    /// <summary>Adds <c>units * 2^exponent</c>, as <see cref="ToUnits"/> gave it.</summary>
    public bool TryAdd(BigInteger units, int exponent)
    {
        if (units.IsZero) return true;
        var position = exponent - _lowestExponent;
        if (position < 0 || position + units.GetBitLength() > (_digits.Length - 5) * 32L) return false;
        var negative = units.Sign < 0;
        var rest = BigInteger.Abs(units);
        for (; !rest.IsZero; rest >>= 64, position += 64) Add((ulong)(rest & ulong.MaxValue), 0, position, negative);
        return true;
    }

    /// <summary>Forgets all terms.</summary>
    public void Clear()
    {
        if (_high >= 0) Array.Clear(_digits, _low, _high - _low + 1);
        (_low, _high, _additions) = (int.MaxValue, -1, 0);
    }

    /// <summary>The sum as <c>units * 2^exponent</c> with odd units, or zero times 2^0: one spelling for each value.</summary>
    public BigInteger ToUnits(out int exponent)
    {
        exponent = 0;
        if (_high < 0) return BigInteger.Zero;
        Settle();
        var low = _low;
        while (low <= _high && _digits[low] == 0) low++;
        if (low > _high) return BigInteger.Zero;
        var words = _high - low + 1;
        Span<byte> bytes = stackalloc byte[words * 4 + 4];
        for (var i = 0; i < words - 1; i++) BitConverter.TryWriteBytes(bytes[(i * 4)..], (uint)_digits[low + i]);
        // The highest digit keeps its sign and, before the next one is reached, more than 32 bits.
        BitConverter.TryWriteBytes(bytes[((words - 1) * 4)..], _digits[_high]);
        var units = new BigInteger(bytes);
        var zeros = BitOperations.TrailingZeroCount(_digits[low]);
        exponent = _lowestExponent + low * 32 + zeros;
        return units >> zeros;
    }

    private static ulong Split(double term, out int position, out bool negative)
    {
        var bits = BitConverter.DoubleToUInt64Bits(term);
        var biased = (int)(bits >> 52) & 0x7FF;
        var fraction = bits & 0x000F_FFFF_FFFF_FFFF;
        negative = (bits >> 63) != 0;
        position = Math.Max(biased, 1) - 1;
        return biased == 0 ? fraction : fraction | 0x0010_0000_0000_0000;
    }

    private void Add(ulong low, ulong high, int position, bool negative)
    {
        if ((low | high) == 0) return;
        if (++_additions >= AdditionsMax) Settle();
        var first = position >> 5;
        var shift = position & 31;
        var top = shift == 0 ? 0 : high >> (64 - shift);
        var middle = (high << shift) | (shift == 0 ? 0 : low >> (64 - shift));
        var bottom = low << shift;
        var digits = _digits.AsSpan(first, 5);
        var sign = negative ? -1L : 1L;
        digits[0] += sign * (uint)bottom;
        digits[1] += sign * (long)(bottom >> 32);
        digits[2] += sign * (uint)middle;
        digits[3] += sign * (long)(middle >> 32);
        digits[4] += sign * (long)top;
        Touch(first, first + 4);
    }

    private void Touch(int low, int high)
    {
        if (low < _low) _low = low;
        if (high > _high) _high = high;
    }

    // Afterwards every digit but the highest lies in [0, 2^32), and the highest bears the sign.
    private void Settle()
    {
        _additions = 0;
        if (_high < 0) return;
        for (var i = _low; i < _high; i++)
        {
            var carry = _digits[i] >> 32;
            _digits[i] -= carry << 32;
            _digits[i + 1] += carry;
        }
        while (_high < _digits.Length - 1 && _digits[_high] is > int.MaxValue or < int.MinValue)
        {
            var carry = _digits[_high] >> 32;
            _digits[_high] -= carry << 32;
            _digits[++_high] += carry;
        }
    }
}
