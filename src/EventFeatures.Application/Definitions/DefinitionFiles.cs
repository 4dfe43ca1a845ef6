using EventFeatures.Core.Definitions;

namespace EventFeatures.Application.Definitions;

/// <summary>Definition files on this machine's disk, for a client that sends them and for <c>evaluate</c>.</summary>
public static class DefinitionFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>
    /// Loads files, and from directories all <c>.yaml</c>, <c>.yml</c> and <c>.json</c> files below them, ordered by
    /// name. A file's name is its path as given, so that an error can be clicked.
    /// </summary>
    /// <exception cref="DefinitionInvalidException">A path does not exist, or there is no definition file.</exception>
    public static IReadOnlyList<DefinitionFile> Load(params IReadOnlyList<string> paths)
    {
        var issues = new IssueList();
        var names = new List<string>();
        foreach (var path in paths)
        {
            if (File.Exists(path)) names.Add(path);
            else if (!Directory.Exists(path)) issues.Add(new DefinitionIssue("file-missing", "There is no such file or directory.") { File = path, Line = 0 });
            else
            {
                var found = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsDefinition).Order(StringComparer.Ordinal).ToList();
                if (found.Count == 0) issues.Add(new DefinitionIssue("directory-empty", "The directory holds no .yaml, .yml or .json file.") { File = path, Line = 0 });
                names.AddRange(found);
            }
        }
        var files = names.Distinct().Select(name => Read(name, issues)).ToList();
        issues.ThrowIfAny();
        return files;
    }

    private static bool IsDefinition(string name) =>
        Extensions.Contains(Path.GetExtension(name).ToLowerInvariant()) && !Path.GetFileName(name).StartsWith('.');

    private static DefinitionFile Read(string name, IssueList issues)
    {
        try
        {
            return new DefinitionFile(name, File.ReadAllText(name));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            issues.Add(new DefinitionIssue("file-unreadable", exception.Message) { File = name });
            return new DefinitionFile(name, "");
        }
    }
}
