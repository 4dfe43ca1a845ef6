using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class DefinitionIssueTests
{
    [Fact]
    public async Task Definitions_that_are_right_have_no_issue()
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.All)).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_issues_of_all_files_are_reported_together()
    {
        await using var bench = await DefinitionBench.StartAsync();

        var issues = await bench.IssuesAsync(
            Yaml.Contract.With("required: true }\n      - { name: country", "requierd: true }\n      - { name: country").With("allowedLateness", "allowedLatness"),
            Yaml.Entity.With("type: string", "type: text"),
            Yaml.View.With("window: 1h", "window: 1 hour").With("features:", "feature:"));

        issues.ShouldContain(issue => issue.StartsWith("a.yaml:11: schema[0].properties[0].requierd: A property has no key 'requierd'. Did you mean 'required'?"));
        issues.ShouldContain(issue => issue.StartsWith("a.yaml:17:") && issue.Contains("Did you mean 'eventfeatures.allowedLateness'?"));
        issues.ShouldContain(issue => issue.StartsWith("b.yaml:4: keys[0].type: 'text' is no type."));
        issues.ShouldContain(issue => issue.StartsWith("c.yaml:7: feature: A FeatureView has no key 'feature'. Did you mean 'features'?"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n")]
    [InlineData("# Nothing but a comment.\n")]
    public async Task A_file_without_a_definition_is_told_by_its_name(string text)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Entity, text)).ShouldBe(["b.yaml:1: The file holds no definition. Write one in it, or leave the file out. [file-empty]"]);
    }

    [Theory]
    [InlineData("kind: Entity", "kind: Entitty", "kind: 'Entitty' is no kind. Did you mean 'Entity'? [value-unknown]")]
    [InlineData("apiVersion: eventfeatures/v1", "apiVersion: eventfeatures/v2", "apiVersion: 'eventfeatures/v2' is no version of this language. Write apiVersion: eventfeatures/v1 [api-version-unknown]")]
    [InlineData("name: card\n", "name: my-card\n", "name: 'my-card' is no name. Use a letter, then letters, digits and single underscores; at most 100. [name-invalid]")]
    [InlineData("name: card\n", "name: 7\n", "name: 'name' has to be text, but is the number 7. Write it in quotes. [type-wrong]")]
    [InlineData("name: card\n", "", "name: 'name' is missing. Write for example name: card [key-missing]")]
    [InlineData("name: card\n", "name: card\nversion: 0\n", "version: The version is 0, but versions count from 1 to 1000000. [version-invalid]")]
    public async Task An_entity_that_is_wrong_says_what_was_found_and_what_to_write(string part, string replacement, string issue)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Entity.With(part, replacement))).ShouldHaveSingleItem().ShouldEndWith(issue);
    }

    [Theory]
    [InlineData("window: 1h", "window: 0h", "features[0].window: 'window' is the text '0h', which is no duration of more than zero. Write one whole number and one unit: 250ms, 90s, 15m, 2h or 7d. [duration-invalid]")]
    [InlineData("window: 1h", "window: { tumbling: 1h, sliding: 1h }", "features[0].window: The window is both sliding and tumbling. Keep one. [window-invalid]")]
    [InlineData("window: 1h", "window: { tumbling: 1h, which: last }", "features[0].window.which: 'last' is no which. Allowed: current, previous. [value-unknown]")]
    [InlineData("name: mean_7d", "name: count_1h", "features[1].name: The view has two features named 'count_1h'. Rename one. [name-duplicate]")]
    [InlineData("aggregate: mean", "aggregate: maen", "features[1].aggregate: There is no aggregate 'maen'. Did you mean 'mean'? [aggregate-unknown]")]
    [InlineData("aggregate: mean", "aggregate: percentile", "features[1].percentile: Aggregate 'percentile' needs 'percentile'. Write for example percentile: 0.95 [parameter-missing]")]
    [InlineData("aggregate: mean", "aggregate: percentile, percentile: 95", "features[1].percentile: 'percentile' is 95; it has to be a share from 0 to 1, for example 0.95. [parameter-invalid]")]
    [InlineData("aggregate: mean", "aggregate: percentile, percentile: high", "features[1].percentile: 'percentile' has to be a number of at most 17 digits, but is the text 'high'. [type-wrong]")]
    [InlineData("aggregate: mean", "aggregate: percentile, percentile: 0.3333333333333333333333", "features[1].percentile: 'percentile' has to be a number of at most 17 digits, but is the number 0.3333333333333333333333. [type-wrong]")]
    [InlineData("aggregate: mean", "aggregate: last_k, k: 0", "features[1].k: 'k' is 0; it has to be a whole number from 1 to 1000. [parameter-invalid]")]
    [InlineData("aggregate: mean", "aggregate: ewma, half_life: 5", "features[1].half_life: 'half_life' is the number 5, which is no duration of more than zero. Write one whole number and one unit: 250ms, 90s, 15m, 2h or 7d. [duration-invalid]")]
    [InlineData("aggregate: mean", "aggregate: mean, nulls: keep", "features[1].nulls: Aggregate 'mean' has no parameter 'nulls'. It takes none. [parameter-unknown]")]
    [InlineData("aggregate: mean", "aggregate: last, nulls: kept", "features[1].nulls: 'kept' is no nulls. Did you mean 'keep'? [value-unknown]")]
    [InlineData("aggregate: mean", "aggregate: mean, group_by: contry", "features[1].group_by: In 'contry': There is no field 'contry'. Did you mean 'country'? (column 1) [expression-invalid]")]
    [InlineData("of: amount, window: 7d", "of: country, window: 7d", "features[1].of: Aggregate 'mean' takes an integer, number or decimal, or a list of them; 'country' is a value of type string. [type-mismatch]")]
    [InlineData("aggregate: mean, of: amount, window: 7d", "aggregate: rate, of: amount", "features[1].window: Aggregate 'rate' is per second of the window's length and needs a window that has one, for example window: 1h. Elsewhere divide a count or sum by seconds_since_first. [window-unsupported]")]
    [InlineData("of: amount", "of: amuont", "There is no field 'amuont'. Did you mean 'amount'? (column 1) [expression-invalid]")]
    [InlineData("payments.authorisation/1", "payments.authorization/1", "source.contract: There is no DataContract 'payments.authorization/1', neither in these files nor registered. Did you mean 'payments.authorisation/1'? [reference-unknown]")]
    [InlineData("source: {", "sources: []\nsource: {", "sources: The view has both 'source' and 'sources'. Keep one; 'sources' is a list of what 'source' is. [source-invalid]")]
    [InlineData("source: { contract: payments.authorisation/1 }", "sources: []", "source: 'source' is missing. Write for example source: { contract: payments.authorisation/1 } [key-missing]")]
    [InlineData("authorisation/1 }", "authorisation/1, keys: [country] }", "source.keys: source has no key 'keys'. Did you mean 'key'? [key-unknown]")]
    [InlineData("authorisation/1 }", "authorisation/1, key: country }", "source.key: 'key' has to be a list, but is the text 'country'. [type-wrong]")]
    [InlineData("authorisation/1 }", "authorisation/1, key: [contry] }", "source.key: Contract 'payments.authorisation/1' has no field 'contry' to be the key part 'card'. Did you mean 'country'? [key-field-invalid]")]
    [InlineData("authorisation/1 }", "authorisation/1 }\nkey: [amount]", "source.key: Field 'amount' is a value of type decimal; the key part 'card' needs a string or a list of such. [key-field-invalid]")]
    [InlineData("authorisation/1 }", "authorisation/1 }\nkey: []", "key: The key names no field. Write for example key: [merchant], or leave it out where the stream's key is the entity's. [key-field-invalid]")]
    [InlineData("authorisation/1 }", "authorisation/1, as: { contry: land } }", "source.as: Contract 'payments.authorisation/1' has no field 'contry' to rename. Did you mean 'country'? [source-field-unknown]")]
    [InlineData("entity: card", "entity: cart", "entity: There is no Entity 'cart', neither in these files nor registered. Did you mean 'card'? [reference-unknown]")]
    public async Task A_view_that_is_wrong_says_where_and_what_to_do(string part, string replacement, string issue)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var found = (await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, Yaml.View.With(part, replacement))).ShouldHaveSingleItem();
        found.ShouldStartWith("c.yaml:");
        found.ShouldEndWith(issue);
    }

    [Theory]
    [InlineData("card_activity__mean_7d }", "card_activity__maen_7d }", "The FeatureView card_activity@v1 has no feature 'maen_7d'. Did you mean 'mean_7d'? [reference-unknown]")]
    [InlineData("card_activity__mean_7d }", "card_activity@v3__mean_7d }", "The FeatureView 'card_activity' has no version 3; it has 1. [reference-unknown]")]
    [InlineData("card_activity__mean_7d }", "card_actvity__mean_7d }", "There is no FeatureView 'card_actvity', neither in these files nor registered. Did you mean 'card_activity'? [reference-unknown]")]
    [InlineData("card_activity__mean_7d }", "mean_7d }", "'mean_7d' does not name a feature. Write it as view__feature or view@v2__feature. [reference-invalid]")]
    [InlineData("missing: refuse", "missing: refused", "'refused' is no missing. Did you mean 'refuse'? [value-unknown]")]
    [InlineData("name: ratio, expression", "name: amount, expression", "'amount' is also a context field. Give the feature another name. [name-duplicate]")]
    public async Task A_service_that_is_wrong_says_where_and_what_to_do(string part, string replacement, string issue)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var found = await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, Yaml.View, Yaml.Service.With(part, replacement));
        found.ShouldHaveSingleItem().ShouldEndWith(issue);
        found[0].ShouldStartWith("d.yaml:");
    }

    [Fact]
    public async Task A_services_expressions_know_the_types_within_lists_and_maps()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var view = Yaml.View.With("aggregate: mean, of: amount", "aggregate: histogram, of: country");
        (await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, view, Yaml.Service.With("amount / card_activity__mean_7d", "card_activity__mean_7d.FR / size(card_activity__mean_7d)"))).ShouldBeEmpty();
        (await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, view, Yaml.Service.With("amount / card_activity__mean_7d", "card_activity__mean_7d.FR == 'x'")))
            .ShouldHaveSingleItem().ShouldContain("'==' cannot compare integer with string.");
    }

    [Fact]
    public async Task A_reference_to_something_broken_is_no_issue_of_its_own()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var issues = await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, Yaml.View.With("aggregate: mean", "aggregate: maen"), Yaml.Service, Yaml.Model);
        issues.ShouldHaveSingleItem().ShouldStartWith("c.yaml:9: features[1].aggregate:");
    }

    [Fact]
    public async Task The_same_definition_twice_names_both_places()
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Entity, Yaml.Entity)).ShouldBe(
            ["b.yaml:3: name: Entity card 1 is declared twice, first at a.yaml:1. Keep one, or give this one a new version. [definition-twice]"]);
    }

    [Fact]
    public async Task Nothing_to_plan_is_an_invalid_command()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await Should.ThrowAsync<EventFeatures.Application.Pipeline.CommandInvalidException>(() => bench.PlanAsync());
    }
}
