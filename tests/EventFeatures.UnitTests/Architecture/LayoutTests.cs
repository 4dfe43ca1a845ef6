using System.Text.RegularExpressions;
using EventFeatures.Testing.Specs;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Architecture;

public sealed partial class LayoutTests
{
    private static readonly string[] BannedFolders = ["Helpers", "Common", "Managers", "Utils", "Utilities", "Misc", "Shared"];

    [Fact]
    public void The_root_holds_only_the_solution_the_readme_the_four_folders_and_dotfiles()
    {
        var entries = Directory.EnumerateFileSystemEntries(RepositoryFolder.Path).Select(entry => Path.GetFileName(entry)!);

        entries.Where(entry => !entry.StartsWith('.')).Except(["EventFeatures.sln", "README.md", "src", "tests", "features", "ops"]).ShouldBeEmpty();
    }

    [Fact]
    public void No_folder_is_a_drawer_for_odds_and_ends() =>
        SourceTree.Files.SelectMany(file => file.Split('/')[..^1]).Distinct().Intersect(BannedFolders, StringComparer.OrdinalIgnoreCase).ShouldBeEmpty();

    [Fact]
    public void A_namespace_is_the_project_and_the_folders()
    {
        var misplaced =
            from source in SourceTree.Sources
            where source.Project.Length > 0
            let expected = NamespaceOf(source)
            where Namespace().Matches(source.Text).Any(declared => declared.Groups[1].Value != expected)
            from declared in source.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
            where declared.Name.ToString() != expected
            select $"{source.Path} declares {declared.Name} instead of {expected}";

        misplaced.ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_is_part_of_the_solution()
    {
        var solution = SourceTree.Read("EventFeatures.sln").Replace('\\', '/');

        SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains(file, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    // The other half of a generated message stands beside the message, and has to be in its namespace.
    private static string NamespaceOf(SourceFile source) => source.Folders is ["Protos", ..]
        ? ProtoNamespace().Match(SourceTree.Read(SourceTree.Files.First(file => file.EndsWith(".proto", StringComparison.Ordinal) && Path.GetDirectoryName(file) == Path.GetDirectoryName(source.Path)))).Groups[1].Value
        : string.Join('.', source.Folders.Prepend(source.Project));

    [GeneratedRegex("csharp_namespace = \"([\\w.]+)\"")]
    private static partial Regex ProtoNamespace();

    [GeneratedRegex(@"\bnamespace\s+([\w.]+)")]
    private static partial Regex Namespace();
}
