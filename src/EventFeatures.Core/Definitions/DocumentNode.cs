using System.Globalization;

namespace EventFeatures.Core.Definitions;

/// <summary>A part of a parsed document, be it YAML or JSON, that knows where it stands.</summary>
/// <param name="Line">The line in its file, from 1.</param>
/// <param name="Column">The column in its line, from 1.</param>
public abstract record DocumentNode(int Line, int Column)
{
    /// <summary>What a person would call it in an error: <c>a list</c>, <c>'abc'</c>.</summary>
    public abstract string Describe();

    /// <summary>
    /// The line of a path such as <c>features[2].of</c> below this node. Of a path whose end does not exist,
    /// the line of the part that does.
    /// </summary>
    public int LineOf(string path)
    {
        var (node, line) = (this, Line);
        foreach (var part in path.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            var isIndex = part.EndsWith(']');
            if (isIndex && node is SequenceNode list && int.TryParse(part[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Items.Count)
                (node, line) = (list.Items[index], list.Items[index].Line);
            else if (!isIndex && node is MappingNode mapping && mapping.Entry(part) is { } entry)
                (node, line) = (entry.Value, entry.Line);
            else
                break;
        }
        return line;
    }
}

/// <summary>The types of a scalar, as YAML's core schema and JSON tell them apart.</summary>
public enum ScalarType
{
    /// <summary>Nothing was written, or <c>null</c>.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number; its text is kept as written.</summary>
    Number,

    /// <summary>Text.</summary>
    String,
}

/// <summary>One value. <paramref name="Text"/> is <c>true</c> or <c>false</c> for a boolean and a JSON number for a number.</summary>
public sealed record ScalarNode(ScalarType Type, string Text, int Line, int Column) : DocumentNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Describe() => Type switch
    {
        ScalarType.Null => "nothing",
        ScalarType.String => $"the text '{(Text.Length <= 60 ? Text : Text[..57] + "...")}'",
        ScalarType.Boolean => $"the boolean {Text}",
        _ => $"the number {Text}",
    };
}

/// <summary>A list.</summary>
public sealed record SequenceNode(IReadOnlyList<DocumentNode> Items, int Line, int Column) : DocumentNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Describe() => "a list";
}

/// <summary>Values by key, in the order of the file; every key occurs once.</summary>
public sealed record MappingNode(IReadOnlyList<MappingEntry> Entries, int Line, int Column) : DocumentNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Describe() => "a mapping";

    /// <summary>The entry of a key, or <see langword="null"/>.</summary>
    public MappingEntry? Entry(string key) => Entries.FirstOrDefault(entry => entry.Key == key);

    /// <summary>The value of a key, or <see langword="null"/>.</summary>
    public DocumentNode? this[string key] => Entry(key)?.Value;
}

/// <summary>One key with its value.</summary>
public sealed record MappingEntry(string Key, DocumentNode Value, int Line, int Column);

/// <summary>One document of a file.</summary>
/// <param name="File">The file's name, for people; empty when it came from no file.</param>
/// <param name="Root">The document.</param>
public sealed record SourceDocument(string File, DocumentNode Root);
