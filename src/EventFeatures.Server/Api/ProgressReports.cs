using System.Diagnostics;
using System.Threading.Channels;
using EventFeatures.Api.V1;
using Grpc.Core;

namespace EventFeatures.Server.Api;

/// <summary>
/// Tells the caller of long work how far it is, ten times a second at most and only as fast as the caller reads, and
/// then the result.
/// </summary>
/// <typeparam name="T">What the call answers: progress or the result.</typeparam>
internal sealed class ProgressReports<T>(IServerStreamWriter<T> responses, Func<WorkProgress, T> wrap)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    // Only the newest is worth telling.
    private readonly Channel<T> _newest = Channel.CreateBounded<T>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private string _stage = "";
    private long _toldAt;

    public async Task RunAsync(Func<Action<string, long, long>, Task<T>> work, CancellationToken cancellation)
    {
        var working = WorkAsync(work);
        try
        {
            await foreach (var report in _newest.Reader.ReadAllAsync(cancellation)) await responses.WriteAsync(report, cancellation);
        }
        finally
        {
            // The work hears of the cancellation as well; it is not left behind.
            await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await responses.WriteAsync(await working, cancellation);
    }

    private async Task<T> WorkAsync(Func<Action<string, long, long>, Task<T>> work)
    {
        try
        {
            return await Task.Run(() => work(Tell));
        }
        finally
        {
            _newest.Writer.TryComplete();
        }
    }

    private void Tell(string stage, long done, long total)
    {
        if (stage == _stage && Stopwatch.GetElapsedTime(_toldAt) < Period) return;
        (_stage, _toldAt) = (stage, Stopwatch.GetTimestamp());
        _newest.Writer.TryWrite(wrap(new WorkProgress { Stage = stage, Done = done, Total = total }));
    }
}
