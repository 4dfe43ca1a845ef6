using System.Globalization;
using System.Text;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Definitions;

/// <summary>Scalars of a document as values.</summary>
internal static class ScalarValues
{
    /// <summary>By what was written: a whole number is an integer, any other number a double.</summary>
    public static Value Untyped(ScalarNode scalar) => scalar.Type switch
    {
        ScalarType.Null => Value.Null,
        ScalarType.Boolean => Value.Of(scalar.Text == "true"),
        ScalarType.String => Value.Of(scalar.Text),
        _ => long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            ? Value.Of(integer)
            : Value.Of(double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture)),
    };

    /// <summary>A number as the canonical text keeps it; <see langword="null"/> for one that it would round, and so mean another one.</summary>
    public static decimal? KeptDecimal(ScalarNode scalar) =>
        scalar.Type == ScalarType.Number
        && decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var written)
        && ExactDecimal.TryParse(Encoding.UTF8.GetBytes(CanonicalJson.Number(scalar.Text)), out var kept)
        && written == kept
            ? kept
            : null;

    /// <summary>As a field's type; <see langword="null"/> when the scalar is not of it.</summary>
    public static Value? As(ScalarNode scalar, ValueKind kind) => (kind, scalar.Type) switch
    {
        (ValueKind.String, ScalarType.String) => Value.Of(scalar.Text),
        (ValueKind.Boolean, ScalarType.Boolean) => Value.Of(scalar.Text == "true"),
        (ValueKind.Integer, ScalarType.Number) when long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => Value.Of(integer),
        (ValueKind.Number, ScalarType.Number) => Value.Of(double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture)),
        (ValueKind.Decimal, ScalarType.Number) when KeptDecimal(scalar) is { } exact => Value.Of(exact),
        (ValueKind.Timestamp, ScalarType.String) when Instant.TryParse(scalar.Text, out var instant) => Value.Of(instant),
        (ValueKind.Date, ScalarType.String) when DateOnly.TryParseExact(scalar.Text, "yyyy-MM-dd", out var date) => Value.Of(date),
        _ => null,
    };
}
