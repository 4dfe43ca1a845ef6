using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Architecture;

public sealed partial class HygieneTests
{
    private static readonly HashSet<string> Text =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".yaml", ".yml", ".json", ".jsonl", ".proto", ".feature", ".sh", ".sql", ".js", ".html", ".css", ".txt", ""];

    [Fact]
    public void No_file_names_a_machines_folders_or_a_package_host() => Find(MachineFolder(), PackageHost()).ShouldBeEmpty();

    [Fact]
    public void No_work_is_left_for_later_in_the_source() => Find(LeftForLater()).ShouldBeEmpty();

    [Fact]
    public void No_member_only_throws_that_it_is_not_written()
    {
        var unwritten =
            from source in SourceTree.Sources
            where source.Text.Contains("NotImplemented" + nameof(Exception), StringComparison.Ordinal)
            from creation in source.Root.DescendantNodes().OfType<ObjectCreationExpressionSyntax>()
            where creation.Type.ToString() == "NotImplemented" + nameof(Exception)
            select $"{source.Path}:{Line(creation)}";

        unwritten.ShouldBeEmpty();
    }

    [Fact]
    public void Comments_name_no_issue_numbers()
    {
        var numbered =
            from source in SourceTree.Sources
            where IssueNumber().IsMatch(source.Text)
            from trivia in source.Root.DescendantTrivia(descendIntoTrivia: false)
            where trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia or SyntaxKind.SingleLineDocumentationCommentTrivia
            where IssueNumber().IsMatch(trivia.ToString())
            select $"{source.Path}: {trivia}";

        numbered.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_waits_for_a_fixed_time()
    {
        var sleeping =
            from source in SourceTree.Sources
            where source.Text.Contains("Thread.Sleep", StringComparison.Ordinal)
            from call in source.Root.DescendantNodes().OfType<InvocationExpressionSyntax>()
            where call.Expression.ToString() is "Thread.Sleep" or "System.Threading.Thread.Sleep"
            select $"{source.Path}:{Line(call)}";

        sleeping.ShouldBeEmpty("Wait for a condition with a deadline.");
    }

    private static IEnumerable<string> Find(params Regex[] patterns) =>
        from file in SourceTree.Files
        where Text.Contains(Path.GetExtension(file)) && !file.EndsWith("Architecture/HygieneTests.cs", StringComparison.Ordinal)
        from line in SourceTree.Read(file).Split('\n').Index()
        from pattern in patterns
        let match = pattern.Match(line.Item)
        where match.Success
        select $"{file}:{line.Index + 1}: {match.Value}";

    private static int Line(SyntaxNode node) => node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;

    [GeneratedRegex(@"(?<![\w.$}])/(?:work|home/\w+|root|Users/\w+|var/tmp)/\w[\w./-]*|[A-Z]:\\Users\\\w+")]
    private static partial Regex MachineFolder();

    [GeneratedRegex(@"https?://[^\s""'<>)]*(?:nuget|npmjs|artifactory|nexus|registry\.)[^\s""'<>)]*|/v3/index\.json", RegexOptions.IgnoreCase)]
    private static partial Regex PackageHost();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"(?<![\w&])#\d+\b|\bissues? \d+\b", RegexOptions.IgnoreCase)]
    private static partial Regex IssueNumber();
}
