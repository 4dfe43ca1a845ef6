using System.Text;
using System.Text.Json;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>Reads JSON whose shape the contract leaves open, and names values in messages.</summary>
internal static class JsonContent
{
    private const int ExcerptMax = 80;

    /// <summary>
    /// Reads the value at the reader: whole numbers of 64 bits as integers, others as numbers. Members that are there
    /// twice are refused at every depth, because readers disagree on which one counts.
    /// </summary>
    public static Violation? Read(ref Utf8JsonReader reader, string path, out Value value)
    {
        value = Value.Null;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return null;
            case JsonTokenType.True or JsonTokenType.False:
                value = Value.Of(reader.TokenType == JsonTokenType.True);
                return null;
            case JsonTokenType.Number:
                value = reader.TryGetInt64(out var integer) ? Value.Of(integer) : Value.Of(reader.GetDouble());
                return double.IsFinite(value.Kind == ValueKind.Number ? value.Number : 0) ? null
                    : new Violation(ViolationCode.NumberOutOfRange, $"A number within '{path}' is {Excerpt(ref reader)}, which is not a finite double.");
            case JsonTokenType.String:
                if (!TryText(ref reader, out var text)) return BadText(path);
                value = Value.Of(text);
                return null;
            case JsonTokenType.StartArray: return ReadArray(ref reader, path, out value);
            case JsonTokenType.StartObject: return ReadObject(ref reader, path, out value);
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The text at the reader, if it is valid Unicode without U+0000.</summary>
    public static bool TryText(ref Utf8JsonReader reader, out string text)
    {
        text = "";
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Broken UTF-8, or half of a surrogate pair.
            return false;
        }
        return !text.Contains('\0', StringComparison.Ordinal);
    }

    /// <summary>The value at the reader, for a message.</summary>
    public static string Excerpt(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => $"\"{Shorten(Encoding.UTF8.GetString(reader.ValueSpan))}\"",
        _ => Shorten(Encoding.UTF8.GetString(reader.ValueSpan)),
    };

    /// <summary>A text, cut where it would swamp a message.</summary>
    public static string Shorten(string text) => text.Length <= ExcerptMax ? text : text[..ExcerptMax] + "…";

    private static Violation? ReadArray(ref Utf8JsonReader reader, string path, out Value value)
    {
        var elements = new List<Value>();
        value = Value.Of(elements);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Read(ref reader, path, out var element) is { } violation) return violation;
            elements.Add(element);
        }
        return null;
    }

    private static Violation? ReadObject(ref Utf8JsonReader reader, string path, out Value value)
    {
        var members = new Dictionary<string, Value>(StringComparer.Ordinal);
        value = Value.Of(members);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryText(ref reader, out var name)) return BadText(path);
            reader.Read();
            if (Read(ref reader, path, out var member) is { } violation) return violation;
            if (!members.TryAdd(name, member)) return new Violation(ViolationCode.MemberDuplicated, $"Member '{name}' within '{path}' is there twice.");
        }
        return null;
    }

    private static Violation BadText(string path) =>
        new(ViolationCode.TextInvalid, $"A text within '{path}' is not valid Unicode, or holds U+0000, which cannot be stored.");
}
