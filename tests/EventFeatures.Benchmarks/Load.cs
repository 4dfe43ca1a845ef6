using System.Diagnostics;
using System.Globalization;

namespace EventFeatures.Benchmarks;

/// <summary>Closed-loop load: a number of callers, each asking again as soon as it is answered.</summary>
internal static class Load
{
    public sealed record Result(double PerSecond, double MedianMicroseconds, double Percentile99Microseconds)
    {
        /// <summary>Of sorted ticks that so long a run took.</summary>
        public static Result Of(List<long> sorted, TimeSpan elapsed) =>
            new(sorted.Count / elapsed.TotalSeconds, Microseconds(sorted, 0.5), Microseconds(sorted, 0.99));

        public string Latency => string.Create(CultureInfo.InvariantCulture, $"p50 {MedianMicroseconds:N0} us, p99 {Percentile99Microseconds:N0} us");
    }

    /// <summary>Runs <paramref name="call"/> from all callers for a time, after a warm-up as long that is not counted.</summary>
    public static async Task<Result> RunAsync(int callers, TimeSpan duration, Func<int, long, Task> call)
    {
        await RunCallersAsync(callers, duration, call, offset: 0).ConfigureAwait(false);
        return await RoundAsync(callers, duration, call, round: 1).ConfigureAwait(false);
    }

    /// <summary>Runs it once, without warming. A call's number is another one in each round.</summary>
    public static async Task<Result> RoundAsync(int callers, TimeSpan duration, Func<int, long, Task> call, int round)
    {
        var watch = Stopwatch.StartNew();
        var latencies = await RunCallersAsync(callers, duration, call, offset: round * 10_000_000L).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        latencies.Sort();
        return Result.Of(latencies, elapsed);
    }

    private static async Task<List<long>> RunCallersAsync(int callers, TimeSpan duration, Func<int, long, Task> call, long offset)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var latencies = new List<long>();
            for (var number = offset; Stopwatch.GetTimestamp() < end; number++)
            {
                var begun = Stopwatch.GetTimestamp();
                await call(caller, number).ConfigureAwait(false);
                latencies.Add(Stopwatch.GetTimestamp() - begun);
            }
            return latencies;
        }))).ConfigureAwait(false);
        return all.SelectMany(latencies => latencies).ToList();
    }

    private static double Microseconds(List<long> sorted, double quantile) =>
        sorted.Count == 0 ? 0 : sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * quantile)] * 1e6 / Stopwatch.Frequency;
}
