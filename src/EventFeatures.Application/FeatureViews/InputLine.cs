using System.Text.Json;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.FeatureViews;

/// <summary>One line of a JSONL file: an object whose members are asked for by name, with errors that name the line.</summary>
public sealed class InputLine(string file, int number, JsonDocument document) : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>The members in the order of the line.</summary>
    public IEnumerable<JsonProperty> Members => document.RootElement.EnumerateObject();

    public static InputLine Parse(string file, int number, string text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object && text.Contains("\\u", StringComparison.Ordinal)) ReadTexts(document.RootElement);
        }
        catch (InvalidOperationException)
        {
            throw new EvaluationInputException(file, number, "A name or a text of the line has one half of a surrogate pair, \\ud800 to \\udfff, without the other, which is no Unicode. Write the character itself.");
        }
        catch (JsonException exception)
        {
            throw new EvaluationInputException(file, number, $"This is not a JSON object on one line: {WhatAndWhere(exception)}");
        }
        var line = new InputLine(file, number, document);
        if (document.RootElement.ValueKind == JsonValueKind.Object) return line;
        throw line.Wrong($"A line has to be a JSON object, but this is {document.RootElement.ValueKind}.");
    }

    public bool Has(string name) =>
        document.RootElement.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null;

    public JsonElement Required(string name) => Has(name)
        ? document.RootElement.GetProperty(name)
        : throw Wrong($"'{name}' is missing. The line has {string.Join(", ", Members.Select(member => member.Name).DefaultIfEmpty("no member"))}.");

    public string Text(string name) => Required(name) is { ValueKind: JsonValueKind.String } member && member.GetString() is { Length: > 0 } text
        ? text
        : throw Wrong($"'{name}' has to be a text that is not empty, but is {Required(name).GetRawText()}.");

    public Instant Time(string name) => Instant.TryParse(Text(name), out var instant)
        ? instant
        : throw Wrong($"'{name}' is {Required(name).GetRawText()}, which is no time. Write it as \"2026-01-31T12:00:00Z\", with Z or an offset, to the microsecond at most.");

    /// <summary>Other columns are let be, but not one that is ours but for its spelling: it would be overlooked.</summary>
    public void RefuseTypos(IReadOnlyList<string> known)
    {
        foreach (var name in Members.Select(member => member.Name).Where(name => !known.Contains(name)))
            if (known.FirstOrDefault(one => Bare(one) == Bare(name)) is { } meant)
                throw Wrong($"There is no member '{name}'. Did you mean '{meant}'?");
    }

    /// <summary>Refuses a member that is one of some fields but for its spelling, where the line does not have that one.</summary>
    /// <param name="fields">What may be there, and would be overlooked.</param>
    /// <param name="isKnown">Whether a member's name means something as it is; such a one is no misspelling.</param>
    public void RefuseMisspelt(IEnumerable<string> fields, Func<string, bool> isKnown)
    {
        foreach (var meant in fields.Where(field => !document.RootElement.TryGetProperty(field, out _)))
            if (Members.Select(member => member.Name).FirstOrDefault(name => Bare(name) == Bare(meant) && !isKnown(name)) is { } misspelt)
                throw Wrong($"There is no member '{misspelt}'. Did you mean '{meant}'?");
    }

    // The parser lets escapes through of which no text can be made, and whoever asked for the text would fail.
    private static void ReadTexts(JsonElement line)
    {
        foreach (var member in line.EnumerateObject())
            _ = (member.Name, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null);
    }

    private static string Bare(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    // The reader counts lines from 0 within the text it was given, which here is one line of a file.
    private static string WhatAndWhere(JsonException exception) =>
        $"{exception.Message.Split(" LineNumber:")[0]} This is at byte {(exception.BytePositionInLine ?? 0) + 1} of the line.";

    /// <summary>The same line for whoever keeps it longer than the reader does.</summary>
    public InputLine Copy() => Parse(file, number, document.RootElement.GetRawText());

    public EvaluationInputException Wrong(string message) => new(file, number, message);

    public void Dispose() => document.Dispose();
}
