using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.Views.FeatureViews.Seeding;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class SeedRuleTests
{
    private static readonly Feature Mean = new("mean", "mean", new Window.Sliding(Duration.Parse("1h"))) { Of = "amount" };

    [Fact]
    public async Task A_version_is_built_from_an_older_ones_rows_only_where_they_hold_all_that_it_reads()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Contract, Yaml.Entity, Yaml.View);
        var older = bench.Registry.Current.Views[new ViewReference("card_activity", 1)];
        CompiledView Next(Func<ViewSource, ViewSource> source, params Feature[] features) => CompiledView.Compile(
            older.View with { Version = 2, Sources = [source(older.View.Sources[0])], Features = features }, older.Contracts[0], bench.Registry.Current.Entities["card"]);

        SeedRule.Refuse(Next(source => source, Mean), older).ShouldBeNull();
        SeedRule.Refuse(Next(source => source, Mean with { Where = "country == 'FR'" }), older).ShouldBe("card_activity@v1 does not keep 'country'");
        SeedRule.Refuse(Next(source => source with { As = new Dictionary<string, string> { ["country"] = "land" } }, Mean), older).ShouldBe("card_activity@v1 gives the contract's fields other names");
        SeedRule.Refuse(Next(source => source with { Where = "amount > 5" }, Mean), older)!.ShouldStartWith("only of views of one contract");
        SeedRule.Refuse(Next(source => source with { Key = ["country"] }, Mean), older)!.ShouldStartWith("only of views of one contract");
    }
}
