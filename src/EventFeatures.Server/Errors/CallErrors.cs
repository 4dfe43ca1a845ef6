using System.Diagnostics;
using EventFeatures.Application.Events;
using EventFeatures.Server.Api;
using EventFeatures.Server.Load;
using EventFeatures.Server.Telemetry;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Errors;

/// <summary>
/// Turns exceptions into answers. What is not foreseen is answered with a correlation id alone, and logged whole
/// under that id: callers never see a stack trace.
/// </summary>
internal sealed class CallErrors(ILogger<CallErrors> logger, RefusalLog refusals, ProducerBuckets quotas, CallsInWork calls)
{
    /// <summary>What to throw so that the caller is told of an exception as he should be.</summary>
    /// <param name="exception">What ended the call.</param>
    /// <param name="context">The call.</param>
    /// <param name="status">The status that it ends with.</param>
    public RpcException Answer(Exception exception, ServerCallContext context, out StatusCode status)
    {
        var error = Explain(exception, context.Method, context.CancellationToken);
        status = error.Status;
        SetHttpStatus(context, error);
        return error.ToRpcException();
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
