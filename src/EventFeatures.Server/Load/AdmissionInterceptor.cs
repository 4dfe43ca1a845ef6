using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EventFeatures.Server.Load;

/// <summary>
/// Has calls wait for a place before they reach their service, over gRPC and HTTP alike. Appends do so themselves, since
/// they state their priority, and a stream of them takes a place for each request. A subscription has a place of its own kind, since it
/// lasts as long as its subscriber.
/// </summary>
internal sealed class AdmissionInterceptor(Admission admission, LoadLimits limits) : Interceptor
{
    private const string Appends = "/eventfeatures.v1.Events/";

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        using var place = await EnterAsync(CallPriorities.BytesOf(request), context);
        return await continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var place = await EnterAsync(CallPriorities.BytesOf(request), context);
        await continuation(request, responseStream, context);
    }

    /// <summary>Its messages are small, and the next one is not read before the last one is done with.</summary>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var place = await EnterAsync(0, context);
        await continuation(requestStream, responseStream, context);
    }

    private async ValueTask<Admission.Place?> EnterAsync(long bytes, ServerCallContext context) =>
        CallPriorities.Of(context.Method) is { } priority && !context.Method.StartsWith(Appends, StringComparison.Ordinal) && context.Method != CallPriorities.Subscribe
            ? await admission.EnterAsync(priority, bytes, limits.WaitMax, context.CancellationToken)
            : null;
}
