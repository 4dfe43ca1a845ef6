using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>
/// The sum of a run or its mean: the difference of two of the sums up to each input. These are whole numbers of one unit
/// and never rounded, so the difference is exactly the run's own sum, which is rounded once as every sum is.
/// </summary>
internal sealed class SumRun : RunFold
{
    // A sum has one bit more for its sign.
    private const int BitsMax = 126;

    private readonly Int128[] _until;
    private readonly Func<Int128, int, Value> _finish;

    private SumRun(Int128[] units, Func<Int128, int, Value> finish)
    {
        _until = new Int128[units.Length + 1];
        for (var i = 0; i < units.Length; i++) _until[i + 1] = _until[i] + units[i];
        _finish = finish;
    }

    /// <summary>The sums over inputs of a kind, or the means; null where 128 bits do not hold each of them exactly.</summary>
    public static SumRun? TryOf(InputRun inputs, ValueKind kind, bool mean) => kind == ValueKind.Number ? TryNumbers(inputs.Values.AsSpan(0, inputs.Count), mean) : TryDecimals(inputs.Values.AsSpan(0, inputs.Count), mean);

    public override Value Over(int first, int end, Instant asOf) => first == end ? Value.Null : _finish(_until[end] - _until[first], end - first);

    /// <summary>Numbers as multiples of the largest power of two of which each is one.</summary>
    private static SumRun? TryNumbers(ReadOnlySpan<Value> inputs, bool mean)
    {
        var (low, high) = (int.MaxValue, int.MinValue);
        foreach (var input in inputs)
        {
            if (!double.IsFinite(input.Number)) return null;
            if (input.Number == 0) continue;
            var (mantissa, exponent) = BinaryMantissa.Of(input.Number);
            low = Math.Min(low, exponent);
            high = Math.Max(high, exponent + BitsOf(mantissa));
        }
        if (low == int.MaxValue) (low, high) = (0, 0);
        if (high - low + BitsOf(inputs.Length) > BitsMax) return null;
        var units = new Int128[inputs.Length];
        for (var i = 0; i < units.Length; i++)
        {
            if (inputs[i].Number == 0) continue;
            var (mantissa, exponent) = BinaryMantissa.Of(inputs[i].Number);
            units[i] = (Int128)mantissa << (exponent - low);
        }
        return new SumRun(units, mean
            ? (sum, count) => Value.Of(ExactRatio.OfUnits(sum, count, low))
            : (sum, _) => Value.Of(ExactRatio.OfUnits(sum, low)));
    }

    /// <summary>Integers and decimals as multiples of the smallest power of ten that one of them needs.</summary>
    private static SumRun? TryDecimals(ReadOnlySpan<Value> inputs, bool mean)
    {
        var scale = 0;
        foreach (var input in inputs) scale = Math.Max(scale, MantissaOf(input).Scale);
        var units = new Int128[inputs.Length];
        for (var i = 0; i < units.Length; i++)
        {
            var (mantissa, places) = MantissaOf(inputs[i]);
            var power = DecimalMantissa.PowerOf10(scale - places);
            if (BitsOf(mantissa) + BitsOf(power) + BitsOf(inputs.Length) > BitsMax) return null;
            units[i] = mantissa * power;
        }
        return new SumRun(units, mean
            ? (sum, count) => Value.Of(ExactRatio.OfDecimal(sum, count, scale))
            : (sum, _) => ExactDecimal.Round(sum, scale) is { } rounded ? Value.Of(rounded) : Value.Null);
    }

    private static (Int128 Mantissa, int Scale) MantissaOf(in Value input)
    {
        if (input.Kind == ValueKind.Integer) return (input.Integer, 0);
        var mantissa = DecimalMantissa.Of(input.Decimal, out var scale);
        return (mantissa, scale);
    }

    private static int BitsOf(Int128 number) => 128 - (int)Int128.LeadingZeroCount(number < 0 ? -number : number);
}
