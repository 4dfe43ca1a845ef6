using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Definitions;

namespace EventFeatures.Application.Definitions;

/// <summary>The definitions of a set of files, read and checked as a whole.</summary>
internal static class DeclaredDefinitions
{
    /// <summary>
    /// Reads all files, and adds their definitions to <paramref name="registered"/> in the order of dependence.
    /// </summary>
    /// <exception cref="DefinitionInvalidException">Something is wrong; lists all of it.</exception>
    public static (IReadOnlyList<DeclaredDefinition> Declared, RegistrySnapshot Result) Check(
        IReadOnlyList<DefinitionFile> files, RegistrySnapshot registered)
    {
        var issues = new IssueList();
        var fold = new DefinitionFold(registered);
        var declared = new List<DeclaredDefinition>();
        foreach (var source in files.SelectMany(file => Definitions(file, issues)))
        {
            if (DefinitionReader.Read(source, issues) is { } definition) declared.Add(new DeclaredDefinition(definition, source));
            else if (DefinitionReader.Peek(source) is { } broken) fold.MarkBroken(broken.Kind, broken.Name);
        }
        declared = [.. DefinitionFold.InOrder(Once(declared, issues), one => one.Definition)];
        foreach (var (definition, source) in declared)
        {
            var isNew = !registered.History.Any(one => one.Kind == definition.Kind && one.Digest == definition.Digest);
            // Not the fold's business: a service that was applied while its view was being retired is in the log, and stays.
            if (fold.Add(definition, null, issue => issues.Add(source, issue)) && isNew && RetiredViews.In(fold.Current, definition) is { } issue) issues.Add(source, issue);
        }
        issues.ThrowIfAny();
        return (declared, fold.Current);
    }

    /// <summary>A file's documents, read as JSON or YAML by its name.</summary>
    public static IReadOnlyList<SourceDocument> Documents(DefinitionFile file, IssueList issues)
    {
        // A byte order mark is the editor's, not the author's.
        file = file with { Text = file.Text.TrimStart('\uFEFF') };
        if (!file.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return YamlDocuments.Read(file, issues);
        return JsonDocuments.Read(file.Name, file.Text, issues) is { } document ? [document] : [];
    }

    private static IReadOnlyList<SourceDocument> Definitions(DefinitionFile file, IssueList issues)
    {
        var before = issues.Count;
        var documents = Documents(file, issues);
        // A file that was cut to nothing must not look like one that was applied before.
        if (documents.Count == 0 && issues.Count == before)
            issues.Add(new DefinitionIssue("file-empty", "The file holds no definition. Write one in it, or leave the file out.") { File = file.Name, Line = 1 });
        return documents;
    }

    /// <summary>The first of each version; every further one is an issue.</summary>
    private static IEnumerable<DeclaredDefinition> Once(List<DeclaredDefinition> declared, IssueList issues)
    {
        foreach (var same in declared.GroupBy(one => (one.Definition.Kind, one.Definition.Name, DefinitionVersion.Of(one.Definition))))
        {
            var first = same.First();
            foreach (var again in same.Skip(1))
                issues.Add(again.Source, "definition-twice", "name", $"{same.Key.Kind} {same.Key.Name} {DefinitionVersion.Text(again.Definition)} is declared twice, first at {first.Source.File}:{first.Source.Root.Line}. Keep one, or give this one a new version.");
            yield return first;
        }
    }
}

/// <summary>A definition with the document that declares it.</summary>
internal sealed record DeclaredDefinition(Definition Definition, SourceDocument Source);
