using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Core.Values;
using EventFeatures.Server.Errors;
using CoreValue = EventFeatures.Core.Values.Value;
using ValueMessage = EventFeatures.Api.V1.Value;

namespace EventFeatures.Server.Api;

/// <summary>Values to and from the wire, without losing a bit.</summary>
public static class ValueMessages
{
    public static ValueMessage ToMessage(this CoreValue value) => value.Kind switch
    {
        ValueKind.Null => new ValueMessage { Null = Google.Protobuf.WellKnownTypes.NullValue.NullValue },
        ValueKind.Integer => new ValueMessage { Integer = value.Integer },
        ValueKind.Number => new ValueMessage { Number = value.Number },
        ValueKind.Decimal => new ValueMessage { Decimal = value.Decimal.ToString(CultureInfo.InvariantCulture) },
        ValueKind.Boolean => new ValueMessage { Boolean = value.Boolean },
        ValueKind.String => new ValueMessage { Text = value.String },
        ValueKind.Timestamp => new ValueMessage { Timestamp = value.Timestamp.ToString() },
        ValueKind.Date => new ValueMessage { Date = value.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) },
        ValueKind.Array => new ValueMessage { List = new ValueList { Elements = { value.Elements.Select(ToMessage) } } },
        ValueKind.Object => new ValueMessage { Map = MapOf(value.Members) },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <exception cref="InvalidRequestException">A decimal, a time or a date is not written as one.</exception>
    public static CoreValue ToValue(this ValueMessage message, string field) => message.KindCase switch
    {
        ValueMessage.KindOneofCase.None or ValueMessage.KindOneofCase.Null => CoreValue.Null,
        ValueMessage.KindOneofCase.Integer => CoreValue.Of(message.Integer),
        ValueMessage.KindOneofCase.Number => CoreValue.Of(message.Number),
        ValueMessage.KindOneofCase.Decimal => CoreValue.Of(DecimalOf(message.Decimal, field)),
        ValueMessage.KindOneofCase.Boolean => CoreValue.Of(message.Boolean),
        ValueMessage.KindOneofCase.Text => CoreValue.Of(message.Text),
        ValueMessage.KindOneofCase.Timestamp => CoreValue.Of(Fields.Time(message.Timestamp, field)),
        ValueMessage.KindOneofCase.Date => CoreValue.Of(DateOf(message.Date, field)),
        ValueMessage.KindOneofCase.List => CoreValue.Of((IReadOnlyList<CoreValue>)[.. message.List.Elements.Select((element, index) => element.ToValue($"{field}[{index}]"))]),
        ValueMessage.KindOneofCase.Map => CoreValue.Of(message.Map.Members.ToValues(field)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static IReadOnlyDictionary<string, CoreValue> ToValues(this IEnumerable<KeyValuePair<string, ValueMessage>> members, string field) =>
        members.ToDictionary(member => member.Key, member => member.Value.ToValue($"{field}.{member.Key}"), StringComparer.Ordinal);

    private static ValueMap MapOf(IReadOnlyDictionary<string, CoreValue> members)
    {
        var map = new ValueMap();
        foreach (var (name, member) in members) map.Members.Add(name, member.ToMessage());
        return map;
    }

    private static decimal DecimalOf(string text, string field) =>
        ExactDecimal.TryParse(text, NumberStyles.Float, out var number)
            ? number
            : throw new InvalidRequestException(field, $"'{text}' is not a decimal of up to 28 digits, and it is not rounded to one. Write it as \"12.50\".");

    private static DateOnly DateOf(string text, string field) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw new InvalidRequestException(field, $"'{text}' is not a date. Write it as 2026-01-31.");
}
