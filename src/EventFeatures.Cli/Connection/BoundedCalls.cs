using EventFeatures.Server.Errors;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// Gives a call with one answer up that has none long after its server should have given it up itself. The server is not
/// told the time: its own limit comes first then, and its error says more.
/// </summary>
/// <param name="time">Measures the wait.</param>
/// <param name="answer">How long after the server's limit. 1 s or more.</param>
internal sealed class BoundedCalls(TimeProvider time, TimeSpan answer) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        if (DefaultDeadline.Of(context.Method.FullName) is not { } ofServer) return continuation(request, context);
        var bound = ofServer + answer;
        var over = new CancellationTokenSource(bound, time);
        var either = CancellationTokenSource.CreateLinkedTokenSource(context.Options.CancellationToken, over.Token);
        var call = continuation(request, new ClientInterceptorContext<TRequest, TResponse>(
            context.Method, context.Host, context.Options.WithCancellationToken(either.Token)));
        return new AsyncUnaryCall<TResponse>(RunAsync(), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);

        async Task<TResponse> RunAsync()
        {
            try
            {
                return await call.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled && over.IsCancellationRequested && !context.Options.CancellationToken.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, FormattableString.Invariant($"it did not answer {context.Method.Name} within {bound.TotalSeconds:0} s")));
            }
            finally
            {
                either.Dispose();
                over.Dispose();
            }
        }
    }
}
