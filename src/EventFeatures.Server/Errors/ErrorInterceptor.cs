using System.Diagnostics;
using EventFeatures.Application.Events;
using EventFeatures.Server.Api;
using EventFeatures.Server.Load;
using EventFeatures.Server.Telemetry;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Errors;

/// <summary>
/// Turns exceptions into answers. What is not foreseen is answered with a correlation id alone, and logged whole
/// under that id: callers never see a stack trace.
/// </summary>
internal sealed class ErrorInterceptor(ILogger<ErrorInterceptor> logger, ApiMetrics metrics, RefusalLog refusals, ProducerBuckets quotas, CallsInWork calls) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(requests, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () => { await calls.UntilStopAsync(continuation(request, responses, context)); return true; });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () => { await calls.UntilStopAsync(continuation(requests, responses, context)); return true; });

    private async Task<T> GuardAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        var started = Stopwatch.GetTimestamp();
        var status = StatusCode.OK;
        try
        {
            return await call();
        }
        catch (Exception exception)
        {
            var error = Explain(exception, context.Method, context.CancellationToken);
            status = error.Status;
            SetHttpStatus(context, error);
            throw error.ToRpcException();
        }
        finally
        {
            metrics.CallEnded(context.Method, status, Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>The error to answer an exception with; logs it as it deserves.</summary>
    public ApiError Explain(Exception exception, string method, CancellationToken call)
    {
        if (exception is RpcException answered && IsForCaller(answered)) return ApiError.From(answered);
        if (ErrorMapping.Map(exception) is { } error)
        {
            if (exception is OverloadedException overloaded) refusals.Note(overloaded.Priority, RefusalLog.Work);
            else if (exception is QuotaExceededException quota) refusals.NoteQuota(quotas.HasOwnQuota(quota.Producer) ? quota.Producer : null);
            else if (error.Status == StatusCode.Unavailable) logger.DependencyDown(method, error.Message);
            else logger.CallRefused(method, error.Status.ToString(), error.Code, error.Message);
            return error;
        }
        if (calls.IsStopping)
        {
            // The parts below end as well, and what they throw then says nothing about the call; the log keeps it.
            if (exception is not OperationCanceledException) logger.CallFailed(method, "stopping", exception);
            return CallsInWork.Stopping;
        }
        if (exception is OperationCanceledException && call.IsCancellationRequested)
            return new ApiError(StatusCode.DeadlineExceeded, "deadline-exceeded",
                "The call was cancelled, or its deadline passed before the answer was ready. Whether an append happened is unknown; repeating it with the same ids settles it.");
        var correlation = Activity.Current?.TraceId.ToString() ?? Guid.NewGuid().ToString("N");
        logger.CallFailed(method, correlation, exception);
        return new ApiError(StatusCode.Internal, "internal",
            $"The server failed unexpectedly. Its log has the details under correlation id {correlation}.");
    }

    /// <summary>Ours, or the framework's about the caller's own messages; not one that a part below let slip.</summary>
    private static bool IsForCaller(RpcException answered) =>
        ApiError.IsOurs(answered) || answered.StatusCode is StatusCode.ResourceExhausted or StatusCode.InvalidArgument or StatusCode.Unimplemented;

    private static void SetHttpStatus(ServerCallContext context, ApiError error)
    {
        if (error is { HttpStatus: null, RetryAfter: null }) return;
        var http = context.GetHttpContext();
        if (DefaultDeadline.IsGrpc(http)) return;
        http.Response.OnStarting(() =>
        {
            if (error.HttpStatus is { } status) http.Response.StatusCode = status;
            HttpErrors.SetRetryAfter(http, error);
            return Task.CompletedTask;
        });
    }
}
