using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.Connection;
using EventFeatures.Core.Values;
using Value = EventFeatures.Api.V1.Value;

namespace EventFeatures.Cli.Files.Spines;

/// <summary>
/// Reads a number of a JSON line as its column is declared. JSON's have any number of digits, and a digit that is lost
/// is another key or another amount.
/// </summary>
internal static class JsonNumber
{
    /// <summary>The value; a key of digits that no number holds is a text.</summary>
    /// <exception cref="EvaluationInputException">The column cannot hold the number; names the line.</exception>
    public static Value Read(InputLine line, string column, JsonElement number, SpineColumns columns)
    {
        if (number.TryGetInt64(out var integer)) return new Value { Integer = integer };
        var (text, type) = (number.GetRawText(), columns.TypeOf(column));
        if (type == "decimal")
            return ExactDecimal.TryParse(JsonMarshal.GetRawUtf8Value(number), out var exact)
                ? new Value { Decimal = exact.ToString(CultureInfo.InvariantCulture) }
                : throw line.Wrong(CellText.Refusal($"'{column}'", type, text));
        if (IsWhole(text) && columns.MayBeKey(column))
            return type == "string"
                ? new Value { Text = text }
                : throw line.Wrong($"'{column}' is {text}, but the definitions say that it is a key of type {type}, which has 64 bits. Correct it, or make it a key of type string.");
        var nearest = number.GetDouble();
        return Holds(nearest, text)
            ? new Value { Number = nearest }
            : throw line.Wrong($"'{column}' is {text}, which no number of 64 bits holds. Write it as a text{(double.IsFinite(nearest) ? string.Create(CultureInfo.InvariantCulture, $" or, if it may be rounded, as {nearest:R}") : "")}.");
    }

    private static bool IsWhole(string text) => !text.AsSpan().TrimStart('-').ContainsAnyExceptInRange('0', '9');

    // A point or an exponent says that it is a double; whole digits say that each of them matters.
    private static bool Holds(double nearest, string text) =>
        double.IsFinite(nearest) && (!IsWhole(text) || BigInteger.Parse(text, CultureInfo.InvariantCulture) == new BigInteger(nearest));
}
