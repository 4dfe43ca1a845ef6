using System.Globalization;
using System.Text;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Value = EventFeatures.Api.V1.Value;

namespace EventFeatures.Cli.Files.Spines;

/// <summary>Reads a cell's text as the type that the definitions give its column.</summary>
internal static class CellText
{
    /// <summary>The value, or <see langword="null"/> when the text is none of the type.</summary>
    public static Value? Read(string type, string text) => type switch
    {
        "integer" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? new Value { Integer = integer } : null,
        "number" => Number(text) is { } number ? new Value { Number = number } : null,
        "decimal" => IsDecimal(text) ? new Value { Decimal = text } : null,
        "boolean" => Boolean(text) is { } boolean ? new Value { Boolean = boolean } : null,
        "timestamp" => Instant.TryParse(text, out var instant) ? new Value { Timestamp = instant.ToString() } : null,
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? new Value { Date = text } : null,
        _ => new Value { Text = text },
    };

    /// <summary>Says why there is no value.</summary>
    /// <param name="what">Whose text it is.</param>
    /// <param name="type">The type that was wanted.</param>
    /// <param name="text">The text.</param>
    public static string Refusal(string what, string type, string text) =>
        $"{what} is \"{text}\", but the definitions say that it is of type {type}{(type == "decimal" ? ", which has up to 28 digits" : "")}.";

    /// <summary>A label: a number, or true or false.</summary>
    public static double? Label(string text) => Boolean(text) is { } boolean ? boolean ? 1 : 0 : Number(text);

    // The library's parser alone would round one of more digits.
    private static bool IsDecimal(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
        && ExactDecimal.TryParse(Encoding.UTF8.GetBytes(text.TrimStart('+')), out _);

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static bool? Boolean(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };
}
