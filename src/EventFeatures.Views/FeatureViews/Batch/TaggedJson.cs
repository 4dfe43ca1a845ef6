using System.Globalization;
using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Views.FeatureViews.Storage;

namespace EventFeatures.Views.FeatureViews.Batch;

/// <summary>
/// Lists and objects as JSON from which every value is read back with its kind and bits. What JSON says by itself is
/// plain: null, booleans, strings and whole numbers. The rest is an object with one member, <c>$number</c>,
/// <c>$decimal</c>, <c>$time</c> or <c>$date</c>; a real member's name that starts with <c>$</c> is given a second one.
/// </summary>
internal static class TaggedJson
{
    public static string Write(in Value value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, value);
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static Value Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement);
    }

    private static void Write(Utf8JsonWriter writer, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Null: writer.WriteNullValue(); break;
            case ValueKind.Boolean: writer.WriteBooleanValue(value.Boolean); break;
            case ValueKind.Integer: writer.WriteNumberValue(value.Integer); break;
            case ValueKind.String: writer.WriteStringValue(PostgresText.Encode(value.String)); break;
            case ValueKind.Number: Tag(writer, "$number", NumberText(value.Number)); break;
            case ValueKind.Decimal: Tag(writer, "$decimal", value.Decimal.ToString(CultureInfo.InvariantCulture)); break;
            case ValueKind.Timestamp: Tag(writer, "$time", value.Timestamp.Microseconds.ToString(CultureInfo.InvariantCulture)); break;
            case ValueKind.Date: Tag(writer, "$date", value.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
            case ValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.Elements) Write(writer, element);
                writer.WriteEndArray();
                break;
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, member) in value.Members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(PostgresText.Encode(name.StartsWith('$') ? "$" + name : name));
                    Write(writer, member);
                }
                writer.WriteEndObject();
                break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void Tag(Utf8JsonWriter writer, string tag, string text)
    {
        writer.WriteStartObject();
        writer.WriteString(tag, text);
        writer.WriteEndObject();
    }

    // The shortest text that reads back as the same bits; of a NaN, the bits themselves.
    private static string NumberText(double number) => double.IsNaN(number)
        ? "NaN:" + BitConverter.DoubleToUInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture)
        : ExactText.Write(number);

    private static double ParseNumber(string text) => text.StartsWith("NaN:", StringComparison.Ordinal)
        ? BitConverter.UInt64BitsToDouble(ulong.Parse(text.AsSpan(4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
        : double.Parse(text, CultureInfo.InvariantCulture);

    private static Value Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => Value.Null,
        JsonValueKind.True => Value.Of(true),
        JsonValueKind.False => Value.Of(false),
        JsonValueKind.Number => Value.Of(json.GetInt64()),
        JsonValueKind.String => Value.Of(PostgresText.Decode(json.GetString()!)),
        JsonValueKind.Array => Value.Of([.. json.EnumerateArray().Select(Read)]),
        _ => ReadObject(json),
    };

    private static Value ReadObject(JsonElement json)
    {
        var members = json.EnumerateObject().ToList();
        if (members is [var only] && only.Name.StartsWith('$') && !only.Name.StartsWith("$$", StringComparison.Ordinal))
        {
            var text = only.Value.GetString()!;
            return only.Name switch
            {
                "$number" => Value.Of(ParseNumber(text)),
                "$decimal" => Value.Of(decimal.Parse(text, CultureInfo.InvariantCulture)),
                "$time" => Value.Of(new Instant(long.Parse(text, CultureInfo.InvariantCulture))),
                "$date" => Value.Of(DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture)),
                _ => throw new FormatException($"A batch view's JSON has the unknown tag '{only.Name}'. It was written by a later version; use that one."),
            };
        }
        return Value.Of((IReadOnlyDictionary<string, Value>)members.ToDictionary(
            member => PostgresText.Decode(member.Name.StartsWith('$') ? member.Name[1..] : member.Name), member => Read(member.Value), StringComparer.Ordinal));
    }
}
