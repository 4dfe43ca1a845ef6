using System.Numerics;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>An exact fraction, as school has it, for definitions that must not round.</summary>
internal readonly record struct Rational(BigInteger Above, BigInteger Below) : IComparable<Rational>
{
    public static Rational Whole(BigInteger whole) => new(whole, 1);

    public static Rational Of(Value value) => value.Kind switch
    {
        ValueKind.Integer => Whole(value.Integer),
        ValueKind.Decimal => Text(value.Decimal.ToString("F28", System.Globalization.CultureInfo.InvariantCulture)),
        _ => Of(value.Number),
    };

    public static Rational Of(double number)
    {
        if (number == 0) return Whole(0);
        var up = 52 - Math.ILogB(number);
        var mantissa = new BigInteger(Math.ScaleB(Math.ScaleB(number, up / 2), up - up / 2));
        return up >= 0 ? new Rational(mantissa, BigInteger.One << up) : Whole(mantissa << -up);
    }

    public static Rational operator +(Rational left, Rational right) => new(left.Above * right.Below + right.Above * left.Below, left.Below * right.Below);

    public static Rational operator -(Rational left, Rational right) => left + new Rational(-right.Above, right.Below);

    public static Rational operator *(Rational left, Rational right) => new(left.Above * right.Above, left.Below * right.Below);

    public static Rational operator /(Rational left, Rational right) =>
        right.Above.Sign < 0 ? new(-left.Above * right.Below, -left.Below * right.Above) : new(left.Above * right.Below, left.Below * right.Above);

    public Rational Power(int power) => new(BigInteger.Pow(Above, power), BigInteger.Pow(Below, power));

    public int CompareTo(Rational other) => (Above * other.Below).CompareTo(other.Above * Below);

    /// <summary>The nearest double, halves to even.</summary>
    public double Nearest() => Naive.Nearest(Above, Below);

    /// <summary>The double nearest to the square root, found by bisection.</summary>
    public double NearestRoot()
    {
        ulong low = 0, high = 0x7FEF_FFFF_FFFF_FFFF;
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (Of(BitConverter.UInt64BitsToDouble(middle)).Power(2).CompareTo(this) <= 0) low = middle;
            else high = middle;
        }
        var half = (Of(BitConverter.UInt64BitsToDouble(low)) + Of(BitConverter.UInt64BitsToDouble(high))) * new Rational(1, 2);
        var side = half.Power(2).CompareTo(this);
        return BitConverter.UInt64BitsToDouble(side > 0 || (side == 0 && low % 2 == 0) ? low : high);
    }

    public static Rational Sum(IEnumerable<Rational> all) => all.Aggregate(Whole(0), (left, right) => Reduced(left + right));

    private static Rational Reduced(Rational one)
    {
        var common = BigInteger.GreatestCommonDivisor(one.Above, one.Below);
        return common.IsOne ? one : new Rational(one.Above / common, one.Below / common);
    }

    private static Rational Text(string digits) => new(BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture), BigInteger.Pow(10, 28));
}
