using System.Text;
using System.Text.Json;

namespace EventFeatures.Core.Definitions;

/// <summary>JSON text as document nodes with lines and columns.</summary>
public static class JsonDocuments
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Reads one JSON document. A key that occurs twice is an issue, and its first value counts.</summary>
    /// <returns>The document, or <see langword="null"/> when the text is not JSON, which is then among the issues.</returns>
    public static SourceDocument? Read(string file, string text, IssueList issues)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            var reader = new Utf8JsonReader(bytes, Options);
            reader.Read();
            var walk = new Walk(file, bytes, issues);
            var root = walk.Node(ref reader);
            if (reader.Read()) throw new JsonException("more text follows the document");
            return new SourceDocument(file, root);
        }
        catch (JsonException exception)
        {
            issues.Add(new DefinitionIssue("json-malformed", "This is not valid JSON: " + exception.Message)
            {
                File = file,
                Line = (int)(exception.LineNumber ?? 0) + 1,
            });
            return null;
        }
        catch (InvalidOperationException exception)
        {
            // A string with half of a surrogate pair passes the tokeniser and fails when it is decoded.
            issues.Add(new DefinitionIssue("json-malformed", "A string is not valid Unicode: " + exception.Message) { File = file, Line = 1 });
            return null;
        }
    }

    private sealed class Walk(string file, byte[] bytes, IssueList issues)
    {
        private int _line = 1;
        private int _lineStart;
        private int _scanned;

        public DocumentNode Node(ref Utf8JsonReader reader)
        {
            var (line, column) = Place(ref reader);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: return Mapping(ref reader, line, column);
                case JsonTokenType.StartArray:
                    var items = new List<DocumentNode>();
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(Node(ref reader));
                    return new SequenceNode(items, line, column);
                case JsonTokenType.String: return new ScalarNode(ScalarType.String, reader.GetString()!, line, column);
                case JsonTokenType.Number: return new ScalarNode(ScalarType.Number, Encoding.UTF8.GetString(reader.ValueSpan), line, column);
                case JsonTokenType.True: return new ScalarNode(ScalarType.Boolean, "true", line, column);
                case JsonTokenType.False: return new ScalarNode(ScalarType.Boolean, "false", line, column);
                default: return new ScalarNode(ScalarType.Null, "null", line, column);
            }
        }

        private MappingNode Mapping(ref Utf8JsonReader reader, int line, int column)
        {
            var entries = new Dictionary<string, MappingEntry>();
            var ordered = new List<MappingEntry>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var (keyLine, keyColumn) = Place(ref reader);
                var key = reader.GetString()!;
                reader.Read();
                var entry = new MappingEntry(key, Node(ref reader), keyLine, keyColumn);
                if (entries.TryAdd(key, entry)) ordered.Add(entry);
                else issues.Add(DuplicateKey(file, key, keyLine, entries[key].Line));
            }
            return new MappingNode(ordered, line, column);
        }

        private (int Line, int Column) Place(ref Utf8JsonReader reader)
        {
            var start = (int)reader.TokenStartIndex;
            for (; _scanned < start; _scanned++)
                if (bytes[_scanned] == (byte)'\n')
                    (_line, _lineStart) = (_line + 1, _scanned + 1);
            return (_line, start - _lineStart + 1);
        }
    }

    /// <summary>The issue of a key that occurs twice in one mapping.</summary>
    public static DefinitionIssue DuplicateKey(string file, string key, int line, int firstLine) =>
        new("key-duplicate", $"The key '{key}' occurs twice in one mapping, first on line {firstLine}. Keep one.") { File = file, Line = line };
}
