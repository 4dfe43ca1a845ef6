using System.Diagnostics;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
using EventFeatures.Server.Telemetry;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EventFeatures.Server.Api;

/// <summary>
/// What every call passes on its way to its service, over gRPC and HTTP alike: it is let in, what it throws becomes an
/// answer, and how long it took is measured. One interceptor for all of it, since each one costs every call some.
/// </summary>
internal sealed class CallInterceptor(CallAdmission admission, CallErrors errors, ApiMetrics metrics, CallsInWork calls) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var started = Stopwatch.GetTimestamp();
        var status = StatusCode.OK;
        try
        {
            using var place = await admission.EnterAsync(CallPriorities.BytesOf(request), context);
            return await continuation(request, context);
        }
        catch (Exception exception)
        {
            throw errors.Answer(exception, context, out status);
        }
        finally
        {
            metrics.CallEnded(context.Method, status, Stopwatch.GetElapsedTime(started));
        }
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        StreamAsync(context, CallPriorities.BytesOf(request), () => continuation(request, responseStream, context));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        StreamAsync(context, 0, () => continuation(requestStream, responseStream, context));

    private Task StreamAsync(ServerCallContext context, long bytes, Func<Task> call) => GuardAsync(context, async () =>
    {
        await calls.UntilStopAsync(AdmittedAsync(context, bytes, call));
        return true;
    });

    private async Task AdmittedAsync(ServerCallContext context, long bytes, Func<Task> call)
    {
        using var place = await admission.EnterAsync(bytes, context);
        await call();
    }

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
            throw errors.Answer(exception, context, out status);
        }
        finally
        {
            metrics.CallEnded(context.Method, status, Stopwatch.GetElapsedTime(started));
        }
    }
}
