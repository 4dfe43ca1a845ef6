using System.Diagnostics;
using EventFeatures.Api.V1;

namespace EventFeatures.Benchmarks;

/// <summary>Many events over one bidirectional stream of calls, with a bounded number unanswered.</summary>
internal static class BulkAppend
{
    private const int UnansweredMax = 2_048;

    /// <summary>Events a second, of the first so many.</summary>
    public static async Task<double> RunAsync(BenchSystem system, int events, Func<long, AppendRequest> append)
    {
        using var call = system.Events.AppendStream();
        using var room = new SemaphoreSlim(UnansweredMax);
        var watch = Stopwatch.StartNew();
        var answers = Task.Run(async () =>
        {
            for (var answered = 0; await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false); answered++)
            {
                if (call.ResponseStream.Current.Failed is { } failed) throw new InvalidOperationException($"Event {answered} was refused: {failed.Message}");
                room.Release();
            }
        });
        for (long number = 0; number < events; number++)
        {
            if (!await room.WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(false)) await answers.WaitAsync(TimeSpan.Zero).ConfigureAwait(false);
            await call.RequestStream.WriteAsync(append(number)).ConfigureAwait(false);
        }
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        await answers.ConfigureAwait(false);
        return events / watch.Elapsed.TotalSeconds;
    }
}
