using System.Globalization;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureServices;

/// <summary>
/// Reads a value as another type where that loses nothing: callers and files write <c>3</c> for a number and a text
/// for a time, since JSON and YAML have no other way.
/// </summary>
public static class ValueConversion
{
    /// <summary>The value as the wanted type, or <see langword="null"/> when it would lose or guess something. Null is of every type.</summary>
    public static Value? To(ValueKind wanted, in Value value)
    {
        if (value.IsNull || value.Kind == wanted || wanted == ValueKind.Null) return value;
        return wanted switch
        {
            ValueKind.Integer => ToInteger(value),
            ValueKind.Number => ToNumber(value),
            ValueKind.Decimal => ToDecimal(value),
            ValueKind.Timestamp => value.Kind == ValueKind.String && Instant.TryParse(value.String, out var instant) ? Value.Of(instant) : null,
            ValueKind.Date => value.Kind == ValueKind.String
                && DateOnly.TryParseExact(value.String, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? Value.Of(date) : null,
            _ => null,
        };
    }

    private static Value? ToInteger(in Value value) => value.Kind switch
    {
        ValueKind.Number when double.IsInteger(value.Number) && Math.Abs(value.Number) < 9.2e18 => Value.Of((long)value.Number),
        ValueKind.Decimal when decimal.IsInteger(value.Decimal) && Math.Abs(value.Decimal) <= long.MaxValue => Value.Of((long)value.Decimal),
        _ => null,
    };

    private static Value? ToNumber(in Value value) => value.Kind switch
    {
        // Beyond 2^53 not every integer is a double.
        ValueKind.Integer when Math.Abs((decimal)value.Integer) <= 1L << 53 => Value.Of((double)value.Integer),
        ValueKind.Decimal => Value.Of(ExactDecimal.ToDouble(value.Decimal)),
        _ => null,
    };

    private static Value? ToDecimal(in Value value) => value.Kind switch
    {
        ValueKind.Integer => Value.Of((decimal)value.Integer),
        // The shortest text of the double is what the caller wrote: 12.1, not 12.0999999999999996.
        ValueKind.Number when double.IsFinite(value.Number) => Parse(value.Number.ToString("R", CultureInfo.InvariantCulture)),
        ValueKind.String => Parse(value.String),
        _ => null,
    };

    private static Value? Parse(string text) =>
        ExactDecimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, out var parsed)
            ? Value.Of(parsed)
            : null;
}
