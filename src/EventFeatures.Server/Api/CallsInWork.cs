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
    public static readonly ApiError Stopping = new(StatusCode.Unavailable, "stopping", "The server is stopping. Call again once it has started.");

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the server itself, given back when it stops.
    private int _count = 1;

    public bool IsStopping => _stop.IsCancellationRequested;

    public async Task CountAsync(HttpContext http, RequestDelegate next)
    {
        Interlocked.Increment(ref _count);
        try
        {
            if (IsStopping) await RefuseAsync(http);
            else await next(http);
        }
        finally
        {
            Ended();
        }
    }

    /// <summary>For a call that lasts as long as its client: cancelled when the caller leaves, or the server stops.</summary>
    public CancellationTokenSource Until(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _stop.Token);

    /// <summary>Completes when all calls have answered, or at the deadline.</summary>
    public async Task EndAsync(TimeSpan deadline)
    {
        await _stop.CancelAsync();
        Ended();
        await Task.WhenAny(_none.Task, Task.Delay(deadline));
    }

    public void Dispose() => _stop.Dispose();

    private static Task RefuseAsync(HttpContext http)
    {
        if (!DefaultDeadline.IsGrpc(http)) return HttpErrors.AnswerAsync(http, Stopping);
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = "14";
        http.Response.Headers["grpc-message"] = Stopping.Message;
        return Task.CompletedTask;
    }

    private void Ended()
    {
        if (Interlocked.Decrement(ref _count) == 0) _none.TrySetResult();
    }
}
