using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Core.Events;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>The log alone, over its wire protocol: durable appends, reads, a catch-up subscription.</summary>
internal static class LogScenarios
{
    /// <summary>JSON of 475 bytes, as the figures of a real node that README compares with were taken with.</summary>
    private static readonly byte[] Payload = Encoding.ASCII.GetBytes($$"""{"amount":12.75,"note":"{{new string('x', 449)}}"}""");

    public static async IAsyncEnumerable<Measurement> RunAsync(BenchLog log, GrpcEcho echo, BenchScale scale)
    {
        // Many callers first: they warm what the single one is measured on.
        foreach (var callers in new[] { 64, 1 })
        {
            var limit = await echo.MeasureAsync(callers, Payload.Length, scale.Duration).ConfigureAwait(false);
            var result = await Load.RunAsync(callers, scale.Duration, async (caller, _) =>
                await log.Client.AppendToStreamAsync($"single{callers}-{caller}", StreamState.Any, [NewEvent()]).ConfigureAwait(false)).ConfigureAwait(false);
            yield return new Measurement($"log: append one event, {callers} callers", "events", result.PerSecond, "gRPC echo", limit.PerSecond, result.Latency);
        }
        var copy = 0.0;
        foreach (var (batch, inFlight, toNewStreams) in new[] { (100, 1, false), (100, 4, false), (500, 1, false), (500, 4, false), (500, 1, true), (500, 4, true) })
        {
            await log.CheckpointAsync().ConfigureAwait(false);
            copy = await RawCopy.MeasureAsync(log.Postgres, Payload, scale.Events).ConfigureAwait(false);
            var batches = await Load.RunAsync(inFlight, scale.Duration, async (caller, number) =>
                await log.Client.AppendToStreamAsync(
                    string.Create(CultureInfo.InvariantCulture, $"batch{batch}x{inFlight}x{caller}-{(toNewStreams ? number : 0)}"), StreamState.Any, NewEvents(batch)).ConfigureAwait(false)).ConfigureAwait(false);
            yield return new Measurement($"log: append batches of {batch}{(toNewStreams ? " to new streams" : "")}, {inFlight} in flight", "events", batches.PerSecond * batch, "raw COPY", copy, batches.Latency);
        }
        await FillAsync(log, scale.Events).ConfigureAwait(false);
        var all = log.Client.ReadAllAsync(ReadDirection.Forwards, Position.Start, null, scale.Events);
        yield return new Measurement("log: read $all", "events", await RateAsync(all).ConfigureAwait(false), "raw COPY", copy);
        yield return new Measurement("log: read one stream", "events", await RateAsync(log.Client.ReadStreamAsync(FilledStream)).ConfigureAwait(false), "raw COPY", copy);
        yield return new Measurement("log: catch-up subscription", "events", await CatchUpRateAsync(log).ConfigureAwait(false), "raw COPY", copy);
    }

    private const string FilledStream = "filled-1";

    private static async Task FillAsync(BenchLog log, int events)
    {
        const int BatchEvents = 500;
        for (var done = 0; done < events; done += BatchEvents)
            await log.Client.AppendToStreamAsync(FilledStream, StreamState.Any, NewEvents(BatchEvents)).ConfigureAwait(false);
    }

    private static async Task<double> RateAsync(IAsyncEnumerable<RecordedEvent> events)
    {
        var watch = Stopwatch.StartNew();
        var count = 0;
        await foreach (var _ in events.ConfigureAwait(false)) count++;
        return count / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> CatchUpRateAsync(BenchLog log)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var watch = Stopwatch.StartNew();
        var count = 0;
        await foreach (var message in log.Client.SubscribeToAll(FromAll.Start, null, deadline.Token).ConfigureAwait(false))
        {
            if (message is LogMessage.Event) count++;
            if (message is LogMessage.CaughtUp) break;
        }
        return count / watch.Elapsed.TotalSeconds;
    }

    private static EventData NewEvent() => new(Guid.NewGuid(), "PaymentAuthorised", Payload);

    private static EventData[] NewEvents(int count) => [.. Enumerable.Range(0, count).Select(_ => NewEvent())];
}
