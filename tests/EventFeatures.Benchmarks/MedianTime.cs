using System.Diagnostics;

namespace EventFeatures.Benchmarks;

/// <summary>How long work of about a second takes: the median of some runs, since one alone may meet a collection of memory or a neighbour.</summary>
internal static class MedianTime
{
    // Code that runs often is compiled again meanwhile.
    private const int Warming = 3;

    private const int Runs = 7;

    public static TimeSpan Of(Action work) => OfAsync(() =>
    {
        work();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    public static async Task<TimeSpan> OfAsync(Func<Task> work)
    {
        for (var run = 0; run < Warming; run++) await work().ConfigureAwait(false);
        var times = new List<TimeSpan>();
        for (var run = 0; run < Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            await work().ConfigureAwait(false);
            times.Add(watch.Elapsed);
        }
        times.Sort();
        return times[Runs / 2];
    }
}
