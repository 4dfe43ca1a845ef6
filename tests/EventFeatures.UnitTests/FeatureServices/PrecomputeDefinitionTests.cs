using EventFeatures.Core.Time;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureServices;

public sealed class PrecomputeDefinitionTests
{
    private const string Service = """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: ready
        precompute: { max_staleness: 5s }
        features: [ { feature: card_activity__count_1h } ]
        """;

    [Fact]
    public async Task A_service_states_how_old_its_vectors_may_be()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync([.. Yaml.All, Service]);
        bench.Registry.Current.Services["ready@v1"].Precompute!.MaxStaleness.ShouldBe(Duration.Parse("5s"));
        bench.Registry.Current.Services["fraud@v1"].Precompute.ShouldBeNull();
    }

    [Theory]
    [InlineData("{ max_staleness: 0s }", "duration-invalid")]
    [InlineData("{ max_staleness: 61m }", "range-invalid")]
    [InlineData("{}", "key-missing")]
    [InlineData("{ max_staleness: 5s, keep: 1 }", "key-unknown")]
    public async Task A_staleness_that_means_nothing_is_refused(string precompute, string code)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync([.. Yaml.All, Service.With("{ max_staleness: 5s }", precompute)])).ShouldHaveSingleItem().ShouldContain($"[{code}]");
    }

    [Fact]
    public async Task What_only_the_request_brings_cannot_be_precomputed_and_is_named()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var issue = (await bench.IssuesAsync([.. Yaml.All, Service.With("precompute:", "context: [ { name: amount, type: number } ]\nprecompute:")])).ShouldHaveSingleItem();
        issue.ShouldContain("'amount'");
        issue.ShouldContain("[precompute-impossible]");
    }

    [Fact]
    public async Task Views_of_two_entities_cannot_be_precomputed_together_and_are_named()
    {
        const string Merchants = """
            apiVersion: eventfeatures/v1
            kind: Entity
            name: country
            keys: [ { name: country, type: string } ]
            ---
            apiVersion: eventfeatures/v1
            kind: FeatureView
            name: by_country
            version: 1
            entity: country
            key: [country]
            source: { contract: payments.authorisation/1 }
            features: [ { name: count_1h, aggregate: count, window: 1h } ]
            """;
        await using var bench = await DefinitionBench.StartAsync();
        var issue = (await bench.IssuesAsync([.. Yaml.All, Merchants, Service.With("count_1h }", "count_1h }, { feature: by_country__count_1h }")])).ShouldHaveSingleItem();
        issue.ShouldContain("card and country");
        issue.ShouldContain("[precompute-impossible]");
    }
}
