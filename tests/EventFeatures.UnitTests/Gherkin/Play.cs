using EventFeatures.Testing.Gherkin.Bindings;
using EventFeatures.Testing.Gherkin.Features;
using EventFeatures.Testing.Gherkin.Running;

namespace EventFeatures.UnitTests.Gherkin;

/// <summary>Runs a feature that is given as text with the bindings of some classes.</summary>
internal static class Play
{
    public const string Path = "features/play.feature";

    public static async Task<IReadOnlyList<ScenarioResult>> AllAsync(string feature, params Type[] bindings)
    {
        List<ScenarioResult> results = [];
        await using var run = new FeatureRun(BindingRegistry.Of(bindings)) { StepDeadline = TimeSpan.FromSeconds(20) };
        foreach (var scenario in FeatureParser.Parse(feature, Path)) results.Add(await run.RunAsync(scenario));
        return results;
    }

    public static async Task<Exception> FailureAsync(string feature, params Type[] bindings) =>
        (await AllAsync(feature, bindings)).Single().Failure ?? throw new InvalidOperationException("The scenario passed.");
}

/// <summary>What the bindings of one test did, in order. Each test runs in an asynchronous flow of its own.</summary>
internal static class Journal
{
    private static readonly AsyncLocal<List<string>?> Lines = new();

    public static List<string> Open() => Lines.Value = [];

    public static void Write(string line) => (Lines.Value ?? throw new InvalidOperationException("Call Journal.Open first.")).Add(line);
}
