using EventFeatures.UnitTests.Architecture;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Docs;

public sealed class PageTests
{
    public static TheoryData<string> SourceProjects =>
        [.. SourceTree.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)).Select(file => file.Split('/')[1])];

    public static TheoryData<string> Decisions =>
        [.. SourceTree.Files.Where(file => file.StartsWith("ops/decisions/0", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_says_what_it_is_for_what_always_holds_and_what_it_must_never_reference(string project)
    {
        var page = $"src/{project}/README.md";
        SourceTree.Files.ShouldContain(page);
        var text = SourceTree.Read(page);

        text.ShouldStartWith($"# {project}\n");
        text.Split('\n').SkipWhile(line => line.StartsWith('#') || line.Length == 0).First().ShouldNotStartWith("|", customMessage: "Start with what the project is for.");
        text.ShouldMatch(@"(?m)^(## |\*\*)Invariants");
        text.ShouldMatch(@"(?m)^(## |\*\*)(Must n|N)ever");
    }

    [Theory]
    [MemberData(nameof(Decisions))]
    public void A_decision_has_context_decision_and_consequences_and_is_listed(string page)
    {
        var text = SourceTree.Read(page);

        text.ShouldStartWith($"# {Path.GetFileName(page)[..4]}: ");
        foreach (var part in (string[])["**Context.**", "**Decision.**", "**Consequences.**"]) text.ShouldContain(part);
        SourceTree.Read("ops/decisions/README.md").ShouldContain($"({Path.GetFileName(page)})");
    }
}
