using System.Text.Json;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>The documented example of every aggregate, its expected lines and the page that explains them.</summary>
public sealed class AggregateExampleTests
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "ops", "demo", "evaluate", "aggregates");

    [Fact]
    public async Task The_example_of_every_aggregate_gives_the_documented_lines()
    {
        await using var bench = await DefinitionBench.StartAsync();
        using var events = new StreamReader(Path.Combine(Folder, "events.jsonl"));
        using var spine = new StreamReader(Path.Combine(Folder, "spine.jsonl"));
        using var output = new StringWriter { NewLine = "\n" };

        await bench.SendAsync(new EvaluateDefinitions(
            DefinitionFiles.Load(Path.Combine(Folder, "definitions.yaml")), new EvaluationInput("events.jsonl", events), new EvaluationInput("spine.jsonl", spine), output)
        { View = "every_aggregate" });

        output.ToString().ShouldBe(await File.ReadAllTextAsync(Path.Combine(Folder, "expected.jsonl")));
    }

    [Fact]
    public void The_example_leaves_no_aggregate_out()
    {
        var definitions = File.ReadAllText(Path.Combine(Folder, "definitions.yaml"));
        AggregateCatalog.Names.Where(name => !definitions.Contains($"aggregate: {name},", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void The_page_shows_each_feature_with_its_value()
    {
        var page = File.ReadAllLines(Path.Combine(Folder, "README.md"));
        using var line = JsonDocument.Parse(File.ReadLines(Path.Combine(Folder, "expected.jsonl")).First());
        line.RootElement.GetProperty("features").EnumerateObject()
            .Where(feature => !page.Any(row => row.StartsWith($"| `{feature.Name}` | `{feature.Value.GetRawText()}` |", StringComparison.Ordinal)))
            .Select(feature => $"| `{feature.Name}` | `{feature.Value.GetRawText()}` |").ShouldBeEmpty();
    }

    [Fact]
    public void The_reference_names_every_aggregate()
    {
        var reference = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "src", "EventFeatures.Core", "README.md"));
        AggregateCatalog.Names.Where(name => !reference.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
