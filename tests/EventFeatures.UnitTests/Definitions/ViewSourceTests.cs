using EventFeatures.Core.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class ViewSourceTests
{
    private const string Dispute = """
        apiVersion: v3.1.0
        kind: DataContract
        id: payments.dispute
        version: 1.0.0
        schema:
          - name: DisputeOpened
            properties:
              - { name: card, logicalType: string, required: true }
              - { name: reason, logicalType: string }
        customProperties:
          - { property: eventfeatures.category, value: dispute }
        """;

    private static readonly string Both = Yaml.View
        .With("source: { contract: payments.authorisation/1 }", """
            key: [card]
            sources:
              - { contract: payments.dispute/1, where: "reason != 'test'", as: { reason: why } }
              - { contract: payments.authorisation/1, key: [country] }
            """);

    [Fact]
    public async Task A_key_beside_the_sources_holds_for_each_that_states_none()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var view = (FeatureView)(await bench.PlanAsync(Yaml.Contract, Dispute, Yaml.Entity, Both)).Changes.Single(change => change.Definition is FeatureView).Definition;
        view.Sources.Select(source => (source.Contract, string.Join(',', source.Key!), source.Where))
            .ShouldBe([("payments.dispute/1", "card", "reason != 'test'"), ("payments.authorisation/1", "country", null)]);
        view.Sources[0].As.ShouldBe(new Dictionary<string, string> { ["reason"] = "why" });
    }

    [Fact]
    public async Task Each_source_that_is_not_there_is_an_issue_of_its_own()
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Entity, Both)).Select(issue => issue.Split(": ")[1]).ShouldBe(["sources[0].contract", "sources[1].contract"]);
    }

    [Fact]
    public async Task A_contract_that_gains_a_field_which_was_anothers_alone_breaks_the_views_that_name_it()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Contract, Dispute, Yaml.Entity, Both);

        var issues = await bench.IssuesAsync(Dispute.With("version: 1.0.0", "version: 1.1.0").With("- { name: reason,", "- { name: amount, logicalType: number, physicalType: decimal }\n      - { name: reason,"));
        issues.ShouldHaveSingleItem().ShouldContain("The registered view card_activity@v1 cannot run over DataContract payments.dispute 1.1.0: It names a field that was another contract's alone");
        (await bench.IssuesAsync(Dispute.With("version: 1.0.0", "version: 1.1.0").With("- { name: reason,", "- { name: colour, logicalType: string }\n      - { name: reason,"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_entity_of_several_parts_needs_as_many_fields()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var pair = Yaml.Entity.With("[ { name: card, type: string } ]", "[ { name: card, type: string }, { name: land } ]");
        (await bench.IssuesAsync(Yaml.Contract, pair, Yaml.View)).ShouldHaveSingleItem()
            .ShouldEndWith("source.key: Entity 'card' has 2 key parts; a stream's key is one. Name the fields that hold them: key: [card, land]. [key-count-mismatch]");
    }
}
