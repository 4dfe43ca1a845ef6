using System.Text.Json;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Specs;
using Shouldly;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>An example of <c>evaluate</c>: its files, and the page that shows each feature of the first spine line with its value.</summary>
internal sealed class DocumentedExample(string name, string view)
{
    private readonly string _folder = Path.Combine(RepositoryFolder.Path, "ops", "demo", "evaluate", name);

    public string Definitions => File.ReadAllText(Path.Combine(_folder, "definitions.yaml"));

    /// <summary>The view's features, as they are read.</summary>
    public async Task<IReadOnlyList<Feature>> FeaturesAsync()
    {
        await using var bench = await DefinitionBench.StartAsync();
        return (await bench.PlanAsync(Definitions)).Changes.Select(change => change.Definition).OfType<FeatureView>().Single().Features;
    }

    /// <summary>Runs it as the page says, and compares every byte.</summary>
    public async Task ShouldGiveItsLinesAsync()
    {
        await using var bench = await DefinitionBench.StartAsync();
        using var events = new StreamReader(Path.Combine(_folder, "events.jsonl"));
        using var spine = new StreamReader(Path.Combine(_folder, "spine.jsonl"));
        using var output = new StringWriter { NewLine = "\n" };

        await bench.SendAsync(new EvaluateDefinitions(
            DefinitionFiles.Load(Path.Combine(_folder, "definitions.yaml")), new EvaluationInput("events.jsonl", events), new EvaluationInput("spine.jsonl", spine), output)
        { View = view });

        output.ToString().ShouldBe(await File.ReadAllTextAsync(Path.Combine(_folder, "expected.jsonl")));
    }

    /// <summary>Holds the page to the expected lines.</summary>
    public void ShouldShowEachFeature()
    {
        var page = File.ReadAllLines(Path.Combine(_folder, "README.md"));
        using var line = JsonDocument.Parse(File.ReadLines(Path.Combine(_folder, "expected.jsonl")).First());
        line.RootElement.GetProperty("features").EnumerateObject().Select(feature => $"| `{feature.Name}` | `{feature.Value.GetRawText()}` |")
            .Where(row => !page.Any(written => written.StartsWith(row, StringComparison.Ordinal))).ShouldBeEmpty();
    }
}
