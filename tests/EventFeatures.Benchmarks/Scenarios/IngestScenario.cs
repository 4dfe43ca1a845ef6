using EventFeatures.Benchmarks.Limits;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>Appending over the API: contract checked, durable when acknowledged.</summary>
internal static class IngestScenario
{
    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, GrpcEcho echo, BenchScale scale)
    {
        var bytes = BenchEvents.Payload(1).Length;
        // Many callers first: they warm what the single one is measured on.
        foreach (var callers in new[] { 64, 1 })
        {
            // Streams of their own, so that the later scenarios see exactly the bulk's events.
            var result = await Load.RunAsync(callers, scale.Duration, async (caller, number) =>
            {
                var request = BenchEvents.Append(number);
                request.Stream = $"benchcard-single{callers}x{caller}";
                await system.Events.AppendAsync(request).ConfigureAwait(false);
            }).ConfigureAwait(false);
            var limit = await echo.MeasureAsync(callers, bytes, scale.Duration).ConfigureAwait(false);
            yield return new Measurement($"append one event, {callers} callers", "events", result.PerSecond, "gRPC echo", limit.PerSecond, result.Latency);
        }
        var copy = await RawCopy.MeasureAsync(system.PostgresConnection, BenchEvents.Payload(1), scale.Events, run: 1).ConfigureAwait(false);
        yield return new Measurement("append over one stream of calls", "events", await BulkAppend.RunAsync(system, scale.Events, BenchEvents.Append).ConfigureAwait(false), "raw COPY", copy);
    }
}
