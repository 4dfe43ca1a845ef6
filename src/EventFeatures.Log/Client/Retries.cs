using System.Security.Cryptography;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>Bounded retries with growing, jittered pauses, for failures that may pass.</summary>
internal sealed class Retries(TimeProvider time, ILogger logger, int attemptsMax = Retries.AttemptsMax)
{
    /// <summary>How often a call is tried before its failure surfaces.</summary>
    public const int AttemptsMax = 8;

    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    // A server may ask for more patience than ours, but not for any amount of it.
    private static readonly TimeSpan AskedMax = TimeSpan.FromSeconds(10);

    /// <summary>Runs a call that may safely run again.</summary>
    /// <exception cref="LogUnavailableException">It failed in a way that may pass, as often as is allowed.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; a failure that it met meanwhile is the cause.</exception>
    public async Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        Exception? met = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call(cancellation);
            }
            // A call that missed its own deadline, or found no connection, ends as cancelled although nobody cancelled it.
            catch (Exception failure) when ((failure is OperationCanceledException || MayPass(failure)) && !cancellation.IsCancellationRequested)
            {
                if (attempt == attemptsMax) throw Unavailable(operation, attempt, failure);
                logger.Retrying(operation, attempt, failure.Message);
                met = failure;
                await PauseAsync(operation, attempt, failure, cancellation);
            }
            catch (Exception failure) when (MayPass(failure))
            {
                throw Cancelled(operation, failure, cancellation);
            }
            catch (OperationCanceledException) when (met is not null)
            {
                throw Cancelled(operation, met, cancellation);
            }
        }
    }

    /// <summary>
    /// Waits before the attempt after this one: half the pause surely, the other half by chance; and no less than the
    /// server asked for, so that those it turned away do not come back all at once, or than a cluster needs for an election.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled meanwhile; the failure is the cause.</exception>
    public async Task PauseAsync(string operation, int attempt, Exception failure, CancellationToken cancellation)
    {
        var pause = Math.Min(PauseMax.TotalMilliseconds, PauseFirst.TotalMilliseconds * Math.Pow(2, attempt - 1));
        var asked = Math.Min(AskedMax.TotalMilliseconds, AskedOf(failure)?.TotalMilliseconds ?? 0);
        var jittered = Math.Max(pause / 2, asked) + pause / 2 * RandomNumberGenerator.GetInt32(1000) / 1000;
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(jittered), time, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw Cancelled(operation, failure, cancellation);
        }
    }

    private static TimeSpan? AskedOf(Exception failure) => failure switch
    {
        AppendTriedInVainException vain => vain.RetryAfter,
        NoNodeException => NoNodeException.RetryAfter,
        RpcException rpc => RetryTimes.Of(rpc.Trailers),
        _ => null,
    };

    /// <summary>Whether the same call may succeed a moment later.</summary>
    public static bool MayPass(Exception failure) => failure switch
    {
        AppendTriedInVainException or NoNodeException => true,
        RpcException rpc => rpc.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted or StatusCode.DeadlineExceeded
            or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Aborted || NodeSource.LeaderNamedBy(rpc) is not null,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>The failure that surfaces in the end.</summary>
    public static LogUnavailableException Unavailable(string operation, int attempts, Exception failure) =>
        new(FormattableString.Invariant($"{operation} failed {attempts} times, last because: {Reason(failure)} Check that the log runs and can be reached; the same event ids may be appended again."), failure);

    /// <summary>
    /// What a caller hears who cancelled while the call failed in a way that it would have tried again: its cause tells why
    /// the log was unavailable, for a caller whose deadline it was.
    /// </summary>
    public static OperationCanceledException Cancelled(string operation, Exception failure, CancellationToken cancellation) =>
        new($"{operation} was cancelled as it failed: {Reason(failure)}", new LogUnavailableException($"{operation} failed: {Reason(failure)}", failure), cancellation);

    private static string Reason(Exception failure)
    {
        var reason = failure is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : failure.Message;
        return reason.EndsWith('.') ? reason : reason + ".";
    }
}

/// <summary>The log answered, or the stream broke, without the append being known to have happened.</summary>
internal sealed class AppendTriedInVainException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the log asked to wait before the next try, if it did.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
