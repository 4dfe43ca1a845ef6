using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFeatures.Core.Definitions;

/// <summary>
/// One text for one meaning, in the spirit of RFC 8785: members sorted by UTF-16 code unit, no white space,
/// numbers in their shortest form, strings escaped only where JSON demands it. Comments, layout, key order and
/// the choice between YAML and JSON leave it as it is.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The canonical text of a document.</summary>
    public static string Write(DocumentNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) Write(writer, node);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>SHA-256 of a canonical text in UTF-8, lower-case hexadecimal.</summary>
    public static string Digest(string canonical) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    private static void Write(Utf8JsonWriter writer, DocumentNode node)
    {
        switch (node)
        {
            case MappingNode mapping:
                writer.WriteStartObject();
                foreach (var entry in mapping.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }
                writer.WriteEndObject();
                break;
            case SequenceNode sequence:
                writer.WriteStartArray();
                foreach (var item in sequence.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case ScalarNode { Type: ScalarType.Null }: writer.WriteNullValue(); break;
            case ScalarNode { Type: ScalarType.Boolean } scalar: writer.WriteBooleanValue(scalar.Text == "true"); break;
            case ScalarNode { Type: ScalarType.String } scalar: writer.WriteStringValue(scalar.Text); break;
            case ScalarNode scalar: writer.WriteRawValue(Number(scalar.Text)); break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>
    /// 64-bit whole numbers stay exact; every other number is written as ECMAScript writes the nearest double, so
    /// that <c>1.0</c>, <c>1</c> and <c>10e-1</c> are the same text.
    /// </summary>
    public static string Number(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return integer.ToString(CultureInfo.InvariantCulture);
        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (number == 0) return "0";
        if (!double.IsFinite(number)) return text;
        // The shortest round-trip form: digits and a decimal exponent, from which ECMAScript's layout follows.
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0 ? 0 : int.Parse(shortest.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? shortest : shortest[..exponentAt];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var pointAt = (point < 0 ? mantissa.Length : point) + exponent;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        var digits = all[leading..].TrimEnd('0');
        return (number < 0 ? "-" : "") + Layout(digits, pointAt - leading);
    }

    /// <summary>Lays out <c>0.digits × 10^pointAt</c> by ECMA-262, Number::toString.</summary>
    private static string Layout(string digits, int pointAt)
    {
        if (pointAt is > 0 and <= 21)
            return digits.Length <= pointAt ? digits.PadRight(pointAt, '0') : digits[..pointAt] + "." + digits[pointAt..];
        if (pointAt is > -6 and <= 0) return "0." + new string('0', -pointAt) + digits;
        var exponent = (pointAt - 1).ToString("+0;-0", CultureInfo.InvariantCulture);
        return (digits.Length == 1 ? digits : digits[..1] + "." + digits[1..]) + "e" + exponent;
    }
}
