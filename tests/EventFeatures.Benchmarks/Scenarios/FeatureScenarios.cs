using EventFeatures.Benchmarks.Limits;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>The feature engine, part by part, each beside its limit.</summary>
internal static class FeatureScenarios
{
    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        await foreach (var measurement in OnlineReadScenario.RunAsync(system, echo, scale).ConfigureAwait(false)) yield return measurement;
    }
}
