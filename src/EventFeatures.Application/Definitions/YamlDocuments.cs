using EventFeatures.Core.Definitions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EventFeatures.Application.Definitions;

/// <summary>
/// YAML 1.2 as document nodes with lines. Files come from strangers, so what they can make of memory and stack is
/// bounded: length, depth, and the nodes that aliases expand to.
/// </summary>
internal static class YamlDocuments
{
    private const int LengthMax = 4 * 1024 * 1024;

    /// <summary>Reads every document of a file. After an error of syntax the rest of the file cannot be read.</summary>
    public static IReadOnlyList<SourceDocument> Read(DefinitionFile file, IssueList issues)
    {
        var documents = new List<SourceDocument>();
        if (file.Text.Length > LengthMax)
        {
            issues.Add(new DefinitionIssue("file-too-large", $"The file has {file.Text.Length:N0} characters, and a definition file has at most {LengthMax:N0}. Split it.") { File = file.Name, Line = 1 });
            return documents;
        }
        var parser = new Parser(new StringReader(file.Text));
        try
        {
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                var root = new YamlNodes(file.Name, parser, issues).Read();
                parser.Consume<DocumentEnd>();
                // An empty document, such as after a trailing "---", declares nothing.
                if (root is not ScalarNode { Type: ScalarType.Null }) documents.Add(new SourceDocument(file.Name, root));
            }
        }
        catch (YamlBoundException exception)
        {
            issues.Add(new DefinitionIssue(exception.Code, exception.Message) { File = file.Name, Line = exception.Line });
        }
        catch (YamlException exception)
        {
            issues.Add(Malformed(file, (int)exception.Start.Line, $", at column {exception.Start.Column}: {exception.Message}"));
        }
        catch (InvalidOperationException)
        {
            // The parser fails this way, with no place, where a bracket or brace is closed that was not opened.
            issues.Add(Malformed(file, (int)(parser.Current?.End.Line ?? 1), ": the brackets and braces after this place do not pair up."));
        }
        return documents;
    }

    private static DefinitionIssue Malformed(DefinitionFile file, int line, string detail) => TabLine(file.Text, line) is { } tabbed
        ? new DefinitionIssue("yaml-tab", "The line is indented with a tab, which YAML does not allow. Indent with spaces.") { File = file.Name, Line = tabbed }
        : new DefinitionIssue("yaml-malformed", "This is not valid YAML" + detail) { File = file.Name, Line = line };

    /// <summary>The line of a tab in the indentation, where the parser stumbled or right beside it.</summary>
    private static int? TabLine(string text, int line)
    {
        var lines = text.Split('\n');
        for (var candidate = Math.Max(1, line - 1); candidate <= Math.Min(lines.Length, line + 1); candidate++)
        {
            var content = lines[candidate - 1];
            if (content[..(content.Length - content.TrimStart().Length)].Contains('\t')) return candidate;
        }
        return null;
    }
}

/// <summary>A document that would take more memory or stack than any definition needs.</summary>
internal sealed class YamlBoundException(string code, string message, int line) : Exception(message)
{
    public string Code { get; } = code;

    public int Line { get; } = line;
}
