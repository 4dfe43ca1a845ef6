using System.Globalization;
using EventFeatures.Api.V1;

namespace EventFeatures.Specs.Running;

/// <summary>Values of the API as plain objects, so that they compare by what they are.</summary>
internal static class ValueObjects
{
    public static object? AsObject(this Value? value) => value?.KindCase switch
    {
        Value.KindOneofCase.Integer => value.Integer,
        Value.KindOneofCase.Number => value.Number,
        Value.KindOneofCase.Decimal => decimal.Parse(value.Decimal, CultureInfo.InvariantCulture),
        Value.KindOneofCase.Boolean => value.Boolean,
        Value.KindOneofCase.Text => value.Text,
        Value.KindOneofCase.Timestamp => value.Timestamp,
        _ => null,
    };
}
