namespace EventFeatures.Core.Definitions;

/// <summary>Definitions that cannot be used; lists every reason, not only the first.</summary>
public sealed class DefinitionInvalidException(IReadOnlyList<DefinitionIssue> issues)
    : Exception(string.Join(Environment.NewLine, issues))
{
    /// <summary>The reasons, in the order of the files.</summary>
    public IReadOnlyList<DefinitionIssue> Issues { get; } = issues;
}

/// <summary>One reason why a definition cannot be used.</summary>
/// <param name="Code">A stable kebab-case code.</param>
/// <param name="Message">What was found, the values, and what to do.</param>
/// <param name="Path">Where in the document, for example <c>features[2].window</c>; empty for the whole.</param>
public sealed record DefinitionIssue(string Code, string Message, string Path = "")
{
    /// <summary>The file; empty when there is none.</summary>
    public string File { get; init; } = "";

    /// <summary>The line in the file, from 1; 0 when unknown.</summary>
    public int Line { get; init; }

    /// <summary>As compilers write it: <c>file:line: message [code]</c>.</summary>
    public override string ToString() =>
        (File.Length > 0 ? $"{File}:{Line}: " : "") + (Path.Length > 0 ? $"{Path}: " : "") + $"{Message} [{Code}]";
}
