using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFeatures.Core.Values;

/// <summary>
/// Values as JSON. A number is written in its shortest form that reads back as the same bits; NaN and the
/// infinities, which JSON lacks, are the strings <c>"NaN"</c>, <c>"Infinity"</c> and <c>"-Infinity"</c>.
/// Decimals are JSON numbers; timestamps and dates are ISO 8601 strings.
/// </summary>
public static class ValueJson
{
    /// <summary>How a writer is made whose text of a value is that of <see cref="Write(in Value)"/>.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one value.</summary>
    public static void Write(Utf8JsonWriter writer, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Null: writer.WriteNullValue(); break;
            case ValueKind.Integer: writer.WriteNumberValue(value.Integer); break;
            case ValueKind.Number: WriteNumber(writer, value.Number); break;
            case ValueKind.Decimal: writer.WriteRawValue(value.Decimal.ToString(CultureInfo.InvariantCulture)); break;
            case ValueKind.Boolean: writer.WriteBooleanValue(value.Boolean); break;
            case ValueKind.String: writer.WriteStringValue(value.String); break;
            case ValueKind.Timestamp: writer.WriteStringValue(value.Timestamp.ToString()); break;
            case ValueKind.Date: writer.WriteStringValue(value.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
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
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The JSON text of one value.</summary>
    public static string Write(in Value value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) Write(writer, value);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteNumber(Utf8JsonWriter writer, double number)
    {
        if (double.IsFinite(number))
        {
            ExactText.Write(writer, number);
            return;
        }
        writer.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
    }
}
