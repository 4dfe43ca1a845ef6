using System.Numerics;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>
/// The aggregates as their definitions read, over rational numbers, with no thought of speed. It shares nothing with
/// the kernels: doubles are found by bisection over their bit patterns.
/// </summary>
internal static class Naive
{
    /// <summary>The events of a window: those with <c>start &lt; occurredAt &lt;= end</c>, found one by one.</summary>
    public static bool Holds(Window window, Instant occurredAt, Instant asOf)
    {
        var (t, at) = (asOf.Microseconds, occurredAt.Microseconds);
        return window switch
        {
            Window.Unbounded => at <= t,
            Window.Sliding sliding => t - sliding.Length.Microseconds < at && at <= t,
            Window.Tumbling tumbling => at <= t && Bucket(at, tumbling) == Bucket(t, tumbling) - (tumbling.Previous ? 1 : 0),
            _ => throw new ArgumentOutOfRangeException(nameof(window)),
        };
    }

    public static Value Aggregate(string name, bool hasInput, IReadOnlyList<(Instant At, Value Input)> inFoldOrder, Instant asOf)
    {
        var rows = hasInput ? inFoldOrder.Where(row => !row.Input.IsNull).ToList() : [.. inFoldOrder];
        var inputs = rows.Select(row => row.Input).ToList();
        return name switch
        {
            "count" => Value.Of((long)rows.Count),
            "distinct_count" => Value.Of((long)inputs.Distinct().Count()),
            _ when rows.Count == 0 => Value.Null,
            "sum" => Sum(inputs),
            "mean" => Value.Of(Nearest(Total(inputs), inputs.Count * Unit(inputs))),
            "stddev_samp" => Deviation(inputs),
            "min" => inputs.Aggregate((left, right) => IsLess(right, left) ? right : left),
            "max" => inputs.Aggregate((left, right) => IsLess(left, right) ? right : left),
            "first" => inputs[0],
            "last" => inputs[^1],
            "seconds_since_last" => Value.Of(Nearest(asOf.Microseconds - rows[^1].At.Microseconds, 1_000_000)),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
    }

    /// <summary>The double nearest to a rational number, halves to even; beyond the largest by half a step, infinite.</summary>
    public static double Nearest(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero) return 0.0;
        if (numerator.Sign < 0) return -Nearest(-numerator, denominator);
        ulong low = 0, high = 0x7FF0_0000_0000_0000;
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (Units(middle) * denominator <= numerator << 1074) low = middle;
            else high = middle;
        }
        var below = (numerator << 1074) - Units(low) * denominator;
        var above = Units(high) * denominator - (numerator << 1074);
        var takesHigh = below.CompareTo(above) is var side && (side > 0 || (side == 0 && low % 2 == 1));
        return BitConverter.UInt64BitsToDouble(takesHigh ? high : low);
    }

    private static long Bucket(long at, Window.Tumbling tumbling) =>
        (long)(BigInteger.Divide(at - 1 + ((BigInteger)1 << 62) / tumbling.Length.Microseconds * tumbling.Length.Microseconds, tumbling.Length.Microseconds));

    // A non-negative double in units of 2^-1074; infinity stands for the double that would follow the largest.
    private static BigInteger Units(ulong bits)
    {
        var exponent = (int)(bits >> 52);
        var fraction = bits & 0xF_FFFF_FFFF_FFFF;
        return exponent == 0 ? fraction : (BigInteger)(fraction | 0x10_0000_0000_0000) << (exponent - 1);
    }

    private static BigInteger Exact(Value value) => value.Kind switch
    {
        ValueKind.Integer => value.Integer,
        ValueKind.Decimal => new BigInteger(decimal.Truncate(value.Decimal)) * BigInteger.Pow(10, 28) + new BigInteger(value.Decimal % 1 * 1e28m),
        _ => Units(BitConverter.DoubleToUInt64Bits(Math.Abs(value.Number))) * (value.Number < 0 ? -1 : 1),
    };

    private static BigInteger Unit(List<Value> inputs) => inputs[0].Kind switch
    {
        ValueKind.Integer => 1,
        ValueKind.Decimal => BigInteger.Pow(10, 28),
        _ => BigInteger.One << 1074,
    };

    private static BigInteger Total(List<Value> inputs) => inputs.Aggregate(BigInteger.Zero, (total, input) => total + Exact(input));

    private static Value Sum(List<Value> inputs)
    {
        if (inputs[0].Kind == ValueKind.Number) return Value.Of(Nearest(Total(inputs), Unit(inputs)));
        if (inputs[0].Kind == ValueKind.Integer) return Value.Of((decimal)Total(inputs));
        return Value.Of(inputs.Aggregate(0m, (total, input) => total + input.Decimal));
    }

    private static Value Deviation(List<Value> inputs)
    {
        if (inputs.Count < 2) return Value.Null;
        // Sum of (x - S/n)^2 over n - 1, all times n^2 to stay with whole numbers.
        var (total, count) = (Total(inputs), new BigInteger(inputs.Count));
        var squares = inputs.Aggregate(BigInteger.Zero, (sum, input) => sum + BigInteger.Pow(Exact(input) * count - total, 2));
        return Value.Of(Math.Sqrt(Nearest(squares, count * count * (count - 1) * Unit(inputs) * Unit(inputs))));
    }

    private static bool IsLess(Value left, Value right) => left.Kind switch
    {
        ValueKind.String => string.CompareOrdinal(left.String, right.String) < 0,
        ValueKind.Timestamp => left.Timestamp < right.Timestamp,
        ValueKind.Number when left.Number == right.Number => double.IsNegative(left.Number) && !double.IsNegative(right.Number),
        _ => Exact(left) < Exact(right),
    };
}
