using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Predictions;

/// <summary>
/// Values as JSON that reads back as the same bits: the members <c>kind</c> and <c>value</c>, since the JSON of the
/// value alone does not tell an integer from a number or a time from a text.
/// </summary>
internal static class TaggedValueJson
{
    private static readonly string[] Names =
        ["null", "integer", "number", "decimal", "boolean", "string", "timestamp", "date", "array", "object"];

    /// <summary>Writes the two members into the object that is open.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, in Value value)
    {
        writer.WriteString("kind", Names[(int)value.Kind]);
        writer.WritePropertyName("value");
        switch (value.Kind)
        {
            case ValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.Elements) Write(writer, element);
                writer.WriteEndArray();
                break;
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, member) in value.Members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }
                writer.WriteEndObject();
                break;
            default:
                ValueJson.Write(writer, value);
                break;
        }
    }

    /// <summary>Writes an object of the two members.</summary>
    public static void Write(Utf8JsonWriter writer, in Value value)
    {
        writer.WriteStartObject();
        WriteMembers(writer, value);
        writer.WriteEndObject();
    }

    /// <summary>Reads the two members of an object.</summary>
    public static Value Read(JsonElement tagged)
    {
        var value = tagged.GetProperty("value");
        var kind = tagged.GetProperty("kind").GetString();
        return (ValueKind)Array.IndexOf(Names, kind) switch
        {
            ValueKind.Null => Value.Null,
            ValueKind.Integer => Value.Of(value.GetInt64()),
            ValueKind.Number => Value.Of(Number(value)),
            ValueKind.Decimal => Value.Of(value.GetDecimal()),
            ValueKind.Boolean => Value.Of(value.GetBoolean()),
            ValueKind.String => Value.Of(value.GetRequiredString()),
            ValueKind.Timestamp => Value.Of(Instant.Parse(value.GetRequiredString())),
            ValueKind.Date => Value.Of(DateOnly.ParseExact(value.GetRequiredString(), "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)),
            ValueKind.Array => Value.Of([.. value.EnumerateArray().Select(Read)]),
            ValueKind.Object => Value.Of(value.EnumerateObject().ToDictionary(member => member.Name, member => Read(member.Value))),
            _ => throw new JsonException($"'{kind}' is not a kind of value. This dossier was written by a newer version; read it with that."),
        };
    }

    private static double Number(JsonElement value) => value.ValueKind != JsonValueKind.String ? value.GetDouble() : value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        var other => throw new JsonException($"'{other}' is not a number."),
    };
}
