using System.Globalization;
using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Output;

/// <summary>Values of the API as people read and type them.</summary>
internal static class ValueText
{
    public static string Write(Value? value) => value?.KindCase switch
    {
        null or Value.KindOneofCase.None or Value.KindOneofCase.Null => "null",
        Value.KindOneofCase.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        Value.KindOneofCase.Number => value.Number.ToString("R", CultureInfo.InvariantCulture),
        Value.KindOneofCase.Decimal => value.Decimal,
        Value.KindOneofCase.Boolean => value.Boolean ? "true" : "false",
        Value.KindOneofCase.Text => value.Text,
        Value.KindOneofCase.Timestamp => value.Timestamp,
        Value.KindOneofCase.Date => value.Date,
        Value.KindOneofCase.List => "[" + string.Join(", ", value.List.Elements.Select(Write)) + "]",
        Value.KindOneofCase.Map => "{" + string.Join(", ", value.Map.Members.Select(member => $"{member.Key}: {Write(member.Value)}")) + "}",
        _ => value.ToString(),
    };

    /// <summary>Reads what a user typed: a whole number, a number, true, false or null; anything else is text.</summary>
    public static Value Read(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)) return new Value { Integer = integer };
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return new Value { Number = number };
        return text switch
        {
            "true" => new Value { Boolean = true },
            "false" => new Value { Boolean = false },
            "null" => new Value { Null = Google.Protobuf.WellKnownTypes.NullValue.NullValue },
            _ => new Value { Text = text },
        };
    }
}
