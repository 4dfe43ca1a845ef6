using System.Diagnostics;
using System.Globalization;
using EventFeatures.Log.Protocol.Watching;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>
/// Tells figures of the node and its process, at once and then at the asked interval. They come from memory alone, so
/// that they are told also while storage is away. Names are those of a real server where it has the same figure.
/// </summary>
internal sealed class MonitoringService(NodeServices node, OpenCalls open) : Monitoring.MonitoringBase
{
    // Whoever asks for none, or for a shorter one, gets this one.
    private static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IntervalMax = TimeSpan.FromDays(1);

    public override async Task Stats(StatsReq request, IServerStreamWriter<StatsResp> responseStream, ServerCallContext context)
    {
        if (request.RefreshTimePeriodInMs > IntervalMax.TotalMilliseconds)
            throw Refusals.Invalid(FormattableString.Invariant($"refresh_time_period_in_ms is {request.RefreshTimePeriodInMs}; the longest is {IntervalMax.TotalMilliseconds}, a day."));
        var asked = TimeSpan.FromMilliseconds(request.RefreshTimePeriodInMs);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Stopping);
        using var timer = new PeriodicTimer(asked > IntervalMin ? asked : IntervalMin, node.Options.Time);
        var processor = new ProcessorUse(node.Options.Time);
        try
        {
            do await responseStream.WriteAsync(Figures(processor), ended.Token);
            while (await timer.WaitForNextTickAsync(ended.Token));
        }
        catch (OperationCanceledException) when (node.Stopping.IsCancellationRequested)
        {
            throw Refusals.Unavailable("The node is shutting down.");
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller is gone."));
        }
    }

    private StatsResp Figures(ProcessorUse processor)
    {
        using var process = Process.GetCurrentProcess();
        var head = Text(node.Tail.Head);
        return new StatsResp
        {
            Stats =
            {
                { "proc-id", Text(process.Id) },
                { "proc-startTime", process.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture) },
                { "proc-cpu", processor.PercentSinceLast(process).ToString("0.0", CultureInfo.InvariantCulture) },
                { "proc-mem", Text(process.WorkingSet64) },
                { "proc-threadsCount", Text(process.Threads.Count) },
                { "es-checksum", head },
                { "es-checksumNonFlushed", head },
                { "es-queue-Appends-length", Text(node.Queue.Events) },
                { "es-queue-Appends-bytes", Text(node.Queue.Bytes) },
                { "es-subscriptions", Text(open.Subscriptions) },
                { "es-persistentSubscriptions-consumers", Text(open.Consumers) },
            },
        };
    }

    private static string Text(long figure) => figure.ToString(CultureInfo.InvariantCulture);

    /// <summary>Of one processor, so that two that are busy are 200. The first look is since the process began.</summary>
    private sealed class ProcessorUse(TimeProvider time)
    {
        private (long At, TimeSpan Used)? _last;

        public double PercentSinceLast(Process process)
        {
            var (now, used) = (time.GetTimestamp(), process.TotalProcessorTime);
            var (elapsed, spent) = _last is { } last
                ? (time.GetElapsedTime(last.At, now), used - last.Used)
                : (time.GetUtcNow().UtcDateTime - process.StartTime.ToUniversalTime(), used);
            _last = (now, used);
            return elapsed > TimeSpan.Zero ? Math.Max(0, 100 * (spent / elapsed)) : 0;
        }
    }
}
