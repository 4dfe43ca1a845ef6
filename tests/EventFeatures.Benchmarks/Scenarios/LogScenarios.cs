using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Core.Events;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>The log alone, over its wire protocol: durable appends, reads, a catch-up subscription.</summary>
internal static class LogScenarios
{
    /// <summary>JSON of 475 bytes.</summary>
    private static readonly byte[] Payload = Encoding.ASCII.GetBytes($$"""{"amount":12.75,"note":"{{new string('x', 449)}}"}""");

    private const string FilledStream = "filled-1";
    private const int FillEvents = 500;

    /// <summary>
    /// Goes through all rows again and again, so that a machine that is slow for a while is so for all of them, after a
    /// round that warms.
    /// </summary>
    public static async IAsyncEnumerable<Measurement> RunAsync(BenchLog log, GrpcEcho echo, BenchScale scale, Action<string> progress)
    {
        // Many callers first: they warm what the single one is measured on.
        LogRow[] rows =
        [
            Single(log, echo, scale, 64), Single(log, echo, scale, 1),
            Batches(log, scale, 100, 1), Batches(log, scale, 100, 4), Batches(log, scale, 500, 1), Batches(log, scale, 500, 4),
            Batches(log, scale, 500, 1, toNewStreams: true), Batches(log, scale, 500, 4, toNewStreams: true),
            Read("read $all", log, scale, () => RateAsync(log.Client.ReadAllAsync(ReadDirection.Forwards, Position.Start, null, scale.Events))),
            Read("read one stream", log, scale, () => RateAsync(log.Client.ReadStreamAsync(FilledStream))),
            Read("catch-up subscription", log, scale, () => CatchUpRateAsync(log, scale.Events)),
        ];
        await FillAsync(log, scale.Events).ConfigureAwait(false);
        for (var round = 0; round <= scale.Rounds; round++)
            foreach (var row in rows)
            {
                var result = await row.RunAsync(round).ConfigureAwait(false);
                if (round > 0) progress(string.Create(CultureInfo.InvariantCulture, $"round {round} of {scale.Rounds}: {row.Name}: {result.PerSecond:N0} events/s"));
            }
        foreach (var row in rows) yield return row.Summary();
    }

    private static LogRow Single(BenchLog log, GrpcEcho echo, BenchScale scale, int callers) => new(
        $"log: append one event, {callers} callers", "gRPC echo",
        async () => (await echo.RoundAsync(callers, Payload.Length, scale.RoundDuration / 2).ConfigureAwait(false)).PerSecond,
        round => Load.RoundAsync(callers, scale.RoundDuration, async (caller, _) =>
            await log.Client.AppendToStreamAsync($"single{callers}-{caller}", StreamState.Any, [NewEvent()]).ConfigureAwait(false), round));

    private static LogRow Batches(BenchLog log, BenchScale scale, int batch, int inFlight, bool toNewStreams = false) => new(
        $"log: append batches of {batch}{(toNewStreams ? " to new streams" : "")}, {inFlight} in flight", "raw COPY",
        async () =>
        {
            await log.CheckpointAsync().ConfigureAwait(false);
            return await CopyRateAsync(log, scale, batch).ConfigureAwait(false);
        },
        async round =>
        {
            var batches = await Load.RoundAsync(inFlight, scale.RoundDuration, async (caller, number) =>
                await log.Client.AppendToStreamAsync(
                    string.Create(CultureInfo.InvariantCulture, $"batch{batch}x{inFlight}x{caller}-{(toNewStreams ? number : -1)}"), StreamState.Any, NewEvents(batch)).ConfigureAwait(false), round).ConfigureAwait(false);
            return batches with { PerSecond = batches.PerSecond * batch };
        });

    private static LogRow Read(string what, BenchLog log, BenchScale scale, Func<Task<double>> rate) => new(
        $"log: {what}", "raw COPY", () => CopyRateAsync(log, scale, FillEvents), async _ => new Load.Result(await rate().ConfigureAwait(false), 0, 0));

    private static Task<double> CopyRateAsync(BenchLog log, BenchScale scale, int batch) => RawCopy.MeasureAsync(log.Postgres, Payload, scale.RoundEvents, batch);

    private static async Task FillAsync(BenchLog log, int events)
    {
        for (var done = 0; done < events; done += FillEvents)
            await log.Client.AppendToStreamAsync(FilledStream, StreamState.Any, NewEvents(FillEvents)).ConfigureAwait(false);
    }

    private static async Task<double> RateAsync(IAsyncEnumerable<RecordedEvent> events)
    {
        var watch = Stopwatch.StartNew();
        var count = 0;
        await foreach (var _ in events.ConfigureAwait(false)) count++;
        return count / watch.Elapsed.TotalSeconds;
    }

    // To the end it would take longer in each round, since more was appended.
    private static async Task<double> CatchUpRateAsync(BenchLog log, int events)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var watch = Stopwatch.StartNew();
        var count = 0;
        await foreach (var message in log.Client.SubscribeToAll(FromAll.Start, null, deadline.Token).ConfigureAwait(false))
        {
            if (message is LogMessage.Event) count++;
            if (message is LogMessage.CaughtUp || count == events) break;
        }
        return count / watch.Elapsed.TotalSeconds;
    }

    private static EventData NewEvent() => new(EventIds.Next(), "PaymentAuthorised", Payload);

    private static EventData[] NewEvents(int count) => [.. Enumerable.Range(0, count).Select(_ => NewEvent())];
}
