using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class YamlReadingTests
{
    [Fact]
    public async Task Yaml_json_and_several_documents_a_file_declare_the_same()
    {
        await using var bench = await DefinitionBench.StartAsync();
        const string Json = """{"keys": [{"type": "string", "name": "card"}], "name": "card", "kind": "Entity", "apiVersion": "eventfeatures/v1"}""";

        var yaml = (await bench.PlanAsync(Yaml.Contract + "\n---\n" + Yaml.Entity + "\n---\n" + Yaml.View)).Changes;
        var json = (await bench.PlanAsync(Json)).Changes;

        yaml.Select(change => change.Definition.Reference).ShouldBe(["payments.authorisation/1", "card@v1", "card_activity@v1"]);
        json.ShouldHaveSingleItem().Definition.Digest.ShouldBe(yaml[1].Definition.Digest);
    }

    [Fact]
    public async Task A_json_file_may_be_indented_with_tabs()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var file = new EventFeatures.Application.Definitions.DefinitionFile("card.json", "{\n\t\"apiVersion\": \"eventfeatures/v1\",\n\t\"kind\": \"Entity\",\n\t\"name\": \"card\",\n\t\"keys\": [ { \"name\": \"card\" } ]\n}");

        var plan = await bench.SendAsync(new EventFeatures.Application.Definitions.PlanDefinitions([file]));

        plan.Changes.ShouldHaveSingleItem().Definition.Name.ShouldBe("card");
    }

    [Fact]
    public async Task Norway_is_a_country_and_not_a_boolean()
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Contract)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("kind: Entity\nname: a\nname: b", "a.yaml:3: The key 'name' occurs twice in one mapping, first on line 2. Keep one. [key-duplicate]")]
    [InlineData("kind: Entity\n\tname: a", "a.yaml:2: The line is indented with a tab, which YAML does not allow. Indent with spaces. [yaml-tab]")]
    [InlineData("kind: !!binary abc", "a.yaml:1: The tag tag:yaml.org,2002:binary is not supported. Leave it out; types follow from what is written, and quotes make a text. [yaml-tag-unsupported]")]
    [InlineData("a: *nothing", "a.yaml:1: The alias '*nothing' has no anchor '&nothing' before it. [yaml-alias-unknown]")]
    [InlineData("- just\n- a list", "a.yaml:1: A definition is a mapping with apiVersion, kind and name, but this is a list. [type-wrong]")]
    [InlineData("? [a, b]\n: c", "a.yaml:1: A key has to be a text, but this is a list. Write key: value. [key-invalid]")]
    public async Task What_is_not_yaml_is_said_with_its_line(string text, string issue)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(text)).ShouldContain(issue);
    }

    [Fact]
    public async Task A_broken_document_ends_with_where_it_broke()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var issue = (await bench.IssuesAsync("kind: Entity\nkeys: [ { name: card ]\n")).ShouldHaveSingleItem();
        issue.ShouldStartWith("a.yaml:2: This is not valid YAML");
        issue.ShouldEndWith("[yaml-malformed]");
    }

    [Fact]
    public async Task Nine_lines_of_aliases_do_not_become_a_billion_nodes()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var lines = new List<string> { "a0: &a0 [x, x, x, x, x, x, x, x, x, x]" };
        for (var i = 1; i < 9; i++) lines.Add($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");

        (await bench.IssuesAsync(string.Join('\n', lines))).ShouldHaveSingleItem().ShouldContain("[yaml-too-many-nodes]");
    }

    [Fact]
    public async Task A_document_nested_without_end_is_refused_and_not_a_crash()
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync("a: " + new string('[', 5_000))).ShouldHaveSingleItem().ShouldContain("[yaml-too-deep]");
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(21, true)]
    [InlineData(20, false)]
    public async Task Aliases_within_aliases_are_as_deep_as_what_they_stand_for(int levels, bool tooDeep)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var (open, close) = (new string('[', levels), new string(']', levels));
        var issues = await bench.IssuesAsync($"a: &a {open}x{close}\nb: &b {open}*a{close}\nc: {open}*b{close}");

        issues.Any(issue => issue.Contains("[yaml-too-deep]", StringComparison.Ordinal)).ShouldBe(tooDeep, string.Join('\n', issues));
    }

    [Theory]
    [InlineData(58)]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(61)]
    public async Task What_is_as_deep_as_a_plan_takes_is_applied_and_read_again(int levels)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var deep = Yaml.Contract + $"\n  - {{ property: deep, value: {new string('[', levels)}{new string(']', levels)} }}";
        (await bench.IssuesAsync(deep)).ShouldBeEmpty();

        await bench.ApplyAsync(deep);

        await using var again = await DefinitionBench.StartAsync(bench.Log);
        again.Registry.Current.Contracts.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_anchor_and_its_alias_are_two_equal_parts()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var view = Yaml.View.With("window: 1h", "window: &hour 1h").With("window: 7d", "window: *hour");
        (await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, view)).ShouldBeEmpty();
    }
}
