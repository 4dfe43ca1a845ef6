using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>
/// How long after an append's acknowledgement its event is in the online view, at a steady rate of appends. A reader
/// asks for the entity with the acknowledged position as its consistency token, and is answered once that is visible.
/// </summary>
internal static class FreshnessScenario
{
    private const int UnansweredMax = 4_096;
    private const int SamplesPerSecondMax = 1_000;
    private static readonly TimeSpan VisibleMax = TimeSpan.FromSeconds(30);

    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, ViewReference view, BenchScale scale)
    {
        // After all events, where the online view answers by itself.
        var asOf = Instant.Parse(BenchEvents.Time(scale.Events + 60));
        foreach (var rate in new[] { 1, 1_000, 10_000 })
        {
            // One event a second needs some seconds to say anything.
            var duration = rate == 1 ? scale.Duration * 3 : scale.Duration;
            await MeasureAsync(system, view, asOf, rate, scale.Duration / 4).ConfigureAwait(false);
            yield return await MeasureAsync(system, view, asOf, rate, duration).ConfigureAwait(false);
        }
    }

    private static async Task<Measurement> MeasureAsync(BenchSystem system, ViewReference view, Instant asOf, int rate, TimeSpan duration)
    {
        var views = system.Services.GetRequiredService<IOnlineViews>();
        var waits = new ConcurrentBag<Task<long>>();
        using var call = system.Events.AppendStream();
        using var room = new SemaphoreSlim(UnansweredMax);
        var answers = Task.Run(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                var acknowledged = Stopwatch.GetTimestamp();
                var answer = call.ResponseStream.Current;
                if (answer.Failed is { } failed) throw new InvalidOperationException($"Event {answer.Request} was refused: {failed.Message}");
                if (answer.Request % Math.Max(1, rate / SamplesPerSecondMax) == 0)
                    waits.Add(VisibleAsync(views, view, answer.CorrelationId, asOf, new Position(answer.Appended.Position), acknowledged));
                room.Release();
            }
        });
        var watch = Stopwatch.StartNew();
        var sent = 0L;
        while (watch.Elapsed < duration)
        {
            // As many as are due by now: a timer of a millisecond is too coarse for one at a time.
            for (var due = (long)(watch.Elapsed.TotalSeconds * rate) + 1; sent < due; sent++)
            {
                if (!await room.WaitAsync(VisibleMax).ConfigureAwait(false)) await answers.WaitAsync(TimeSpan.Zero).ConfigureAwait(false);
                var append = BenchEvents.Append(sent);
                append.CorrelationId = BenchEvents.Card(sent);
                await call.RequestStream.WriteAsync(append).ConfigureAwait(false);
            }
            await Task.Delay(1).ConfigureAwait(false);
        }
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        await answers.ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        var latencies = (await Task.WhenAll(waits).ConfigureAwait(false)).Order().ToList();
        return new Measurement(
            string.Create(CultureInfo.InvariantCulture, $"freshness at {rate:N0} events/s"), "events", sent / elapsed.TotalSeconds, "asked rate", rate,
            $"visible after {Load.Result.Of(latencies, elapsed).Latency}");
    }

    private static async Task<long> VisibleAsync(IOnlineViews views, ViewReference view, string card, Instant asOf, Position position, long acknowledged)
    {
        using var deadline = new CancellationTokenSource(VisibleMax);
        await views.ReadAsync(view, card, asOf, position, deadline.Token).ConfigureAwait(false);
        return Stopwatch.GetTimestamp() - acknowledged;
    }
}
