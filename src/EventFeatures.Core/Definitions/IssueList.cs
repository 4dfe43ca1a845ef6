namespace EventFeatures.Core.Definitions;

/// <summary>Collects every issue of a set of documents, so that a person can mend them all at once.</summary>
public sealed class IssueList
{
    private readonly List<DefinitionIssue> _issues = [];

    /// <summary>How many there are.</summary>
    public int Count => _issues.Count;

    /// <summary>Adds one.</summary>
    public void Add(DefinitionIssue issue) => _issues.Add(issue);

    /// <summary>Adds one at a place of a document.</summary>
    public void Add(SourceDocument source, string code, string path, string message) =>
        Add(source, new DefinitionIssue(code, message, path));

    /// <summary>Adds one whose path is known, with the file and the line of that path.</summary>
    public void Add(SourceDocument source, DefinitionIssue issue) =>
        _issues.Add(issue with { File = source.File, Line = source.Root.LineOf(issue.Path) });

    /// <summary>The issues by file and line.</summary>
    public IReadOnlyList<DefinitionIssue> ToList() =>
        [.. _issues.OrderBy(issue => issue.File, StringComparer.Ordinal).ThenBy(issue => issue.Line).Distinct()];

    /// <summary>Does nothing when there is no issue.</summary>
    /// <exception cref="DefinitionInvalidException">There is at least one.</exception>
    public void ThrowIfAny()
    {
        if (_issues.Count > 0) throw new DefinitionInvalidException(ToList());
    }
}
