using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// The exact sum of powers of doubles, or of doubles times whole numbers, in fixed point over the whole range of such
/// terms: digits of 32 bits in 64-bit words, so that carries can wait for 2^30 additions. Exact addition is associative
/// and commutative, which is why the sum depends on the set of its terms alone.
/// </summary>
/// <remarks>Source: R. M. Neal, Fast exact summation using small and large superaccumulators, 2015.</remarks>
internal sealed class ExactSum
{
    private const int AdditionsMax = 1 << 30;

    // A term of 128 bits touches at most this many digits.
    private const int TermDigits = 5;

    // Digits above the largest term, for the carries.
    private const int SpareDigits = 10;

    // The least bit of a double weighs 2^-1074, and the largest double is below 2^1024.
    private const int LeastBit = 1074, TopBit = 1024;

    private readonly int _lowestExponent;
    private readonly int _digitsMax;

    // Most sums need a handful of all the digits there are: the array starts at digit _origin and grows both ways.
    private long[] _digits = [];
    private int _origin;
    private int _additions;
    private int _low = int.MaxValue;
    private int _high = -1;

    private ExactSum(int lowestExponent, int digitsMax)
    {
        _lowestExponent = lowestExponent;
        _digitsMax = digitsMax;
    }

    /// <summary>A sum of doubles, or of their second, third or fourth powers.</summary>
    public static ExactSum OfPowers(int power) => new(-LeastBit * power, (LeastBit + TopBit) * power / 32 + SpareDigits);

    /// <summary>A sum of doubles times <c>n * 2^-places</c>, where <c>n</c> is a whole number of at most 64 bits.</summary>
    public static ExactSum OfProducts(int places) => new(-LeastBit - places, (LeastBit + TopBit + 64) / 32 + SpareDigits);

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

    /// <summary>Adds the third or fourth power of a finite double.</summary>
    public void AddPower(double root, int power)
    {
        var mantissa = Split(root, out var position, out var negative);
        var square = (UInt128)mantissa * mantissa;
        position *= power;
        if (power == 3)
        {
            // 53 bits times 106: the upper half of the square makes the upper part of the cube.
            AddPart(Math.BigMul(mantissa, (ulong)square), position, negative);
            AddPart(Math.BigMul(mantissa, (ulong)(square >> 64)), position + 64, negative);
            return;
        }
        var (low, high) = ((ulong)square, (ulong)(square >> 64));
        AddPart(Math.BigMul(low, low), position, negative: false);
        // High is below 2^42, so twice the mixed product stays within 128 bits.
        AddPart(Math.BigMul(low, high) << 1, position + 64, negative: false);
        AddPart(Math.BigMul(high, high), position + 128, negative: false);
    }

    /// <summary>Adds a finite double times a whole number.</summary>
    public void AddProduct(double term, ulong factor, bool negativeFactor = false)
    {
        var mantissa = Split(term, out var position, out var negative);
        AddPart(Math.BigMul(mantissa, factor), position, negative != negativeFactor);
    }

    /// <summary>Adds another sum of the same sort.</summary>
    public void Add(ExactSum other)
    {
        if (other._high < 0) return;
        Settle();
        other.Settle();
        Touch(other._low, other._high);
        for (var i = other._low; i <= other._high; i++) _digits[i - _origin] += other._digits[i - other._origin];
        _additions = 2;
    }

    /// <summary>Adds <c>units * 2^exponent</c>, as <see cref="ToUnits"/> gave it.</summary>
    public bool TryAdd(BigInteger units, int exponent)
    {
        if (units.IsZero) return true;
        var position = exponent - _lowestExponent;
        if (position < 0 || position + units.GetBitLength() > (_digitsMax - TermDigits) * 32L) return false;
        var negative = units.Sign < 0;
        var rest = BigInteger.Abs(units);
        for (; !rest.IsZero; rest >>= 64, position += 64) Add((ulong)(rest & ulong.MaxValue), 0, position, negative);
        return true;
    }

    /// <summary>Forgets all terms.</summary>
    public void Clear()
    {
        if (_high >= 0) Array.Clear(_digits, _low - _origin, _high - _low + 1);
        (_low, _high, _additions) = (int.MaxValue, -1, 0);
    }

    /// <summary>The double nearest to the sum, halves to even; a sum of zero is <c>+0.0</c>.</summary>
    public double ToDouble()
    {
        if (_high < 0) return 0.0;
        Settle();
        return TryRound(out var rounded) ? rounded : ExactRatio.ToDouble(ToUnits(out var exponent), BigInteger.One, exponent);
    }

    /// <summary>The sum as <c>units * 2^exponent</c> with odd units, or zero times 2^0: one spelling for each value.</summary>
    public BigInteger ToUnits(out int exponent)
    {
        exponent = 0;
        if (_high < 0) return BigInteger.Zero;
        Settle();
        var digits = _digits.AsSpan(_low - _origin, _high - _low + 1);
        var zeroDigits = digits.IndexOfAnyExcept(0L);
        if (zeroDigits < 0) return BigInteger.Zero;
        digits = digits[zeroDigits..];
        Span<byte> bytes = stackalloc byte[digits.Length * 4 + 4];
        for (var i = 0; i < digits.Length - 1; i++) BitConverter.TryWriteBytes(bytes[(i * 4)..], (uint)digits[i]);
        // The highest digit bears the sign, so it is written with all of its bits.
        BitConverter.TryWriteBytes(bytes[^8..], digits[^1]);
        var zeros = BitOperations.TrailingZeroCount(digits[0]);
        exponent = _lowestExponent + (_low + zeroDigits) * 32 + zeros;
        return new BigInteger(bytes) >> zeros;
    }

    /// <summary>Writes the sum in its one spelling.</summary>
    public void Write(StateWriter writer)
    {
        var units = ToUnits(out var exponent);
        writer.WriteSigned(exponent);
        writer.WriteBig(units);
    }

    /// <summary>Reads into an empty sum what <see cref="Write"/> wrote.</summary>
    public void Read(ref StateReader reader)
    {
        var exponent = reader.ReadSigned();
        if (exponent is < -8192 or > 8192 || !TryAdd(reader.ReadBig(), (int)exponent)) throw new StateCorruptException("A sum is out of range.");
    }

    // Most sums fit 128 bits.
    private bool TryRound(out double rounded)
    {
        rounded = 0.0;
        var low = _low;
        while (low < _high && _digits[low - _origin] == 0) low++;
        // Digits above that only repeat the sign belong to the next one.
        var (high, top) = (_high, _digits[_high - _origin]);
        while (high > low && (top is 0 or -1)) top = (top << 32) + _digits[--high - _origin];
        if (high - low > 2) return false;
        Int128 units = top;
        for (var digit = high - 1; digit >= low; digit--) units = (units << 32) + _digits[digit - _origin];
        rounded = ExactRatio.OfUnits(units, _lowestExponent + low * 32);
        return true;
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

    private void AddPart(UInt128 part, int position, bool negative) => Add((ulong)part, (ulong)(part >> 64), position, negative);

    private void Add(ulong low, ulong high, int position, bool negative)
    {
        if ((low | high) == 0) return;
        if (++_additions >= AdditionsMax) Settle();
        var first = position >> 5;
        var shift = position & 31;
        var top = shift == 0 ? 0 : high >> (64 - shift);
        var middle = (high << shift) | (shift == 0 ? 0 : low >> (64 - shift));
        var bottom = low << shift;
        Touch(first, first + TermDigits - 1);
        var digits = _digits.AsSpan(first - _origin, TermDigits);
        var sign = negative ? -1L : 1L;
        digits[0] += sign * (uint)bottom;
        digits[1] += sign * (long)(bottom >> 32);
        digits[2] += sign * (uint)middle;
        digits[3] += sign * (long)(middle >> 32);
        digits[4] += sign * (long)top;
    }

    private void Touch(int low, int high)
    {
        if (low < _low) _low = low;
        if (high > _high) _high = high;
        if (_low < _origin || _high - _origin >= _digits.Length) Grow();
    }

    private void Grow()
    {
        // Neighbours of the digits in use are likely to be next; once it spans the range, the array never grows again.
        const int Margin = 2;
        var first = Math.Max(_digits.Length == 0 ? _low : Math.Min(_low, _origin) - Margin, 0);
        var last = Math.Min(Math.Max(_high, _origin + _digits.Length - 1) + Margin, _digitsMax - 1);
        var grown = new long[last - first + 1];
        _digits.CopyTo(grown.AsSpan(Math.Max(_origin - first, 0)));
        (_digits, _origin) = (grown, first);
    }

    // Afterwards every digit but the highest lies in [0, 2^32), and the highest bears the sign.
    private void Settle()
    {
        _additions = 0;
        if (_high < 0) return;
        for (var i = _low; i < _high; i++) Carry(i);
        while (_digits[_high - _origin] is > int.MaxValue or < int.MinValue)
        {
            var last = _high;
            Touch(_low, last + 1);
            Carry(last);
        }
    }

    private void Carry(int digit)
    {
        var carry = _digits[digit - _origin] >> 32;
        _digits[digit - _origin] -= carry << 32;
        _digits[digit + 1 - _origin] += carry;
    }
}
