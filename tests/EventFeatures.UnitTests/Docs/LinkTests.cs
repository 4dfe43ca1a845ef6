using System.Text.RegularExpressions;
using EventFeatures.Testing.Specs;
using EventFeatures.UnitTests.Architecture;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Docs;

public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. SourceTree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_relative_link_leads_somewhere(string page)
    {
        var text = FencedCode().Replace(SourceTree.Read(page), "");
        var targets = Link().Matches(text).Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

        targets.Where(target => !Path.Exists(Path.Combine(RepositoryFolder.Path, Path.GetDirectoryName(page)!, target))).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();
}
