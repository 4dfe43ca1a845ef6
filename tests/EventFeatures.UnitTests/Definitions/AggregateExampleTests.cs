using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>The documented example of every aggregate, its expected lines and the page that explains them.</summary>
public sealed class AggregateExampleTests
{
    private static readonly DocumentedExample Example = new("aggregates", "every_aggregate");

    [Fact]
    public Task The_example_of_every_aggregate_gives_the_documented_lines() => Example.ShouldGiveItsLinesAsync();

    [Fact]
    public void The_page_shows_each_feature_with_its_value() => Example.ShouldShowEachFeature();

    [Fact]
    public void The_example_leaves_no_aggregate_and_no_parameter_out()
    {
        AggregateCatalog.Names.Where(name => !Example.Definitions.Contains($"aggregate: {name},", StringComparison.Ordinal)).ShouldBeEmpty();
        AggregateParametersReader.Keys.Where(key => !Example.Definitions.Contains($" {key}: ", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_example_leaves_no_aggregate_of_lists_out()
    {
        var ofLists = (await Example.FeaturesAsync()).Where(feature => feature.Of == "vector").Select(feature => feature.Aggregate);
        AggregateCatalog.Names.Where(name => AggregateCatalog.Find(name) is ElementwiseAggregate).ShouldBe(ofLists, ignoreOrder: true);
    }

    [Fact]
    public void The_reference_names_every_aggregate()
    {
        var reference = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "src", "EventFeatures.Core", "README.md"));
        AggregateCatalog.Names.Where(name => !reference.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
