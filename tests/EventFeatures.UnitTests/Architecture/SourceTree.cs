using EventFeatures.Testing.Specs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EventFeatures.UnitTests.Architecture;

/// <summary>The checkout's own files, without what builds and runs leave behind.</summary>
internal static class SourceTree
{
    private static readonly HashSet<string> Left =
        [".git", "bin", "obj", ".eventfeatures", ".build", ".vs", ".idea", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts"];

    private static readonly Lazy<IReadOnlyList<string>> AllFiles = new(() =>
        [.. Walk(RepositoryFolder.Path).Select(Relative).Order(StringComparer.Ordinal)]);

    private static readonly Lazy<IReadOnlyList<SourceFile>> AllSources = new(() =>
        [.. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(file => new SourceFile(file))]);

    /// <summary>Paths relative to the root, with slashes.</summary>
    public static IReadOnlyList<string> Files => AllFiles.Value;

    /// <summary>The C# files.</summary>
    public static IReadOnlyList<SourceFile> Sources => AllSources.Value;

    public static string Read(string file) => File.ReadAllText(Path.Combine(RepositoryFolder.Path, file));

    private static string Relative(string file) => Path.GetRelativePath(RepositoryFolder.Path, file).Replace('\\', '/');

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateDirectories(folder)
        .Where(child => !Left.Contains(Path.GetFileName(child)) && !File.GetAttributes(child).HasFlag(FileAttributes.ReparsePoint))
        .SelectMany(Walk)
        .Concat(Directory.EnumerateFiles(folder).Where(file => !Left.Contains(Path.GetFileName(file))));
}

/// <summary>One C# file.</summary>
/// <param name="path">Relative to the root, for example <c>src/EventFeatures.Core/Time/Instant.cs</c>.</param>
internal sealed class SourceFile(string path)
{
    private readonly Lazy<string> _text = new(() => SourceTree.Read(path));
    private readonly Lazy<SyntaxNode> _root = new(() => CSharpSyntaxTree.ParseText(SourceTree.Read(path)).GetRoot());

    public string Path { get; } = path;

    /// <summary>What it says. Where this alone shows that there is nothing to find, a test need not ask for the syntax.</summary>
    public string Text => _text.Value;

    /// <summary>Its syntax, parsed when somebody first asks.</summary>
    public SyntaxNode Root => _root.Value;

    /// <summary>The project's name, for example <c>EventFeatures.Core</c>; empty for a file outside the projects.</summary>
    public string Project => Path.Split('/') is ["src" or "tests", var project, _, ..] ? project : "";

    /// <summary>The folders below the project.</summary>
    public IReadOnlyList<string> Folders => Project.Length > 0 ? Path.Split('/')[2..^1] : [];
}
