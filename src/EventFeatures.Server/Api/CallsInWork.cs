using EventFeatures.Server.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Api;

/// <summary>
/// Lets the server stop when its calls have answered rather than when its clients hang up: an HTTP/2 client may keep
/// an idle connection for ever. Once stopping, calls that last as long as their client end, and new ones are refused.
/// </summary>
internal sealed class CallsInWork : IDisposable
{
    public static readonly ApiError Stopping = new(
        StatusCode.Unavailable, "stopping",
        "The server is stopping. Call again once it has started; repeating with the same ids settles what was not answered.");

    private static readonly TimeSpan EndByItselfMax = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the server itself, given back when it stops.
    private int _count = 1;

    public bool IsStopping => _stop.IsCancellationRequested;

    /// <summary>Cancelled once the server stops.</summary>
    public CancellationToken Stop => _stop.Token;

    public Task CountAsync(HttpContext http, RequestDelegate next)
    {
        Interlocked.Increment(ref _count);
        // Not when the handler returns, but when its answer is sent: the connection may go as soon as no call is in work.
        http.Response.OnCompleted(static calls =>
        {
            ((CallsInWork)calls).Ended();
            return Task.CompletedTask;
        }, this);
        return IsStopping ? HttpErrors.RefuseAsync(http, Stopping) : next(http);
    }

    /// <summary>For a call that lasts as long as its client: cancelled when the caller leaves, or the server stops.</summary>
    public CancellationTokenSource Until(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _stop.Token);

    /// <summary>
    /// Waits for a stream's work. Once stopping, only for a moment: those of the framework's own never hear of it, and
    /// would hold the server up until its deadline.
    /// </summary>
    /// <exception cref="OperationCanceledException">The server stops, and the work goes on regardless.</exception>
    public async Task UntilStopAsync(Task work)
    {
        using var ended = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, _stop.Token);
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, either.Token));
        await ended.CancelAsync();
        if (!work.IsCompleted && await Task.WhenAny(work, Task.Delay(EndByItselfMax)) != work)
        {
            // Its end, when the connection goes, concerns nobody any more.
            _ = work.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new OperationCanceledException(_stop.Token);
        }
        await work;
    }

    /// <summary>Completes when all calls have answered, or at the deadline.</summary>
    public async Task EndAsync(TimeSpan deadline)
    {
        await _stop.CancelAsync();
        Ended();
        await Task.WhenAny(_none.Task, Task.Delay(deadline));
    }

    public void Dispose() => _stop.Dispose();

    private void Ended()
    {
        if (Interlocked.Decrement(ref _count) == 0) _none.TrySetResult();
    }
}
