using System.Security.Cryptography;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// Makes a call again that the server refused for now, when the server says; a few times, and not for longer than a
/// person would wait. A refused call has done nothing, so it may be made again whatever it is.
/// </summary>
internal sealed class PatientCalls(TimeProvider time, TextWriter? say = null) : Interceptor
{
    private const int AttemptsMax = 6;

    /// <summary>The longest that all attempts of a call wait together. 1 min.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    // A share of the wait, so that those who were refused together do not come back together.
    private const double JitterShare = 0.2;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        async Task<TResponse> RunAsync()
        {
            var waited = TimeSpan.Zero;
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await call.ResponseAsync.ConfigureAwait(false);
                }
                catch (RpcException refused) when (attempt < AttemptsMax && DelayOf(refused) is { } delay && waited + delay <= WaitMax)
                {
                    waited += delay;
                    if (say is not null) await say.WriteLineAsync(FormattableString.Invariant($"The server asks for patience; trying again in {delay.TotalSeconds:0.0} s.")).ConfigureAwait(false);
                    call.Dispose();
                    await Task.Delay(delay, time, context.Options.CancellationToken).ConfigureAwait(false);
                    call = continuation(request, context);
                }
            }
        }
        var response = RunAsync();
        return new AsyncUnaryCall<TResponse>(
            response, HeadersAsync(), () => call.GetStatus(), () => call.GetTrailers(), () => call.Dispose());

        async Task<Metadata> HeadersAsync()
        {
            await ((Task)response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await call.ResponseHeadersAsync.ConfigureAwait(false);
        }
    }

    /// <summary>How long to wait before a refused call is made again; null when it was refused for good.</summary>
    public static TimeSpan? DelayOf(RpcException refused) =>
        refused.StatusCode == StatusCode.ResourceExhausted && ApiError.From(refused).RetryAfter is { } asked ? Jittered(asked) : null;

    /// <summary>What was asked for, and a little more by chance.</summary>
    public static TimeSpan Jittered(TimeSpan asked) => asked * (1 + (JitterShare * RandomNumberGenerator.GetInt32(1000) / 1000));
}
