using System.Globalization;
using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Output;

/// <summary>Values of the API as people read them.</summary>
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
}
