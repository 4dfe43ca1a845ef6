using System.Globalization;
using System.Text;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// Strings as PostgreSQL's text, which holds neither U+0000 nor half a surrogate pair. Those, and the escape U+001A
/// itself, are written as U+001A and four hexadecimal digits; every other string is itself.
/// </summary>
internal static class PostgresText
{
    private const char Escape = '\u001a';

    public static string Encode(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (NeedsEscape(text, ref i)) return EncodeAll(text);
        return text;
    }

    public static string Decode(string text)
    {
        if (!text.Contains(Escape, StringComparison.Ordinal)) return text;
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != Escape)
            {
                decoded.Append(text[i]);
                continue;
            }
            decoded.Append((char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            i += 4;
        }
        return decoded.ToString();
    }

    /// <summary>A name as an SQL identifier, whatever is in it.</summary>
    public static string Identifier(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    // Steps over the second half of a whole surrogate pair.
    private static bool NeedsEscape(string text, ref int i)
    {
        var c = text[i];
        if (c is '\0' or Escape) return true;
        if (!char.IsSurrogate(c)) return false;
        if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return true;
        i++;
        return false;
    }

    private static string EncodeAll(string text)
    {
        var encoded = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            if (NeedsEscape(text, ref i)) encoded.Append(Escape).Append(((ushort)text[i]).ToString("x4", CultureInfo.InvariantCulture));
            else encoded.Append(text, start, i - start + 1);
        }
        return encoded.ToString();
    }
}
