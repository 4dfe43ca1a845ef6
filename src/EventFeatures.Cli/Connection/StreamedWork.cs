using EventFeatures.Api.V1;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Connection;

/// <summary>Long work whose call tells its progress until it tells its result.</summary>
internal static class StreamedWork
{
    /// <param name="call">The call; ended here.</param>
    /// <param name="resultOf">Shows a report that is progress and gives null; gives the result of the one that has it.</param>
    /// <param name="again">What running the command again does, for whoever is left without a result.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<TResult> ResultAsync<TReport, TResult>(
        this AsyncServerStreamingCall<TReport> call, Func<TReport, TResult?> resultOf, string again, CancellationToken cancellation)
        where TResult : class
    {
        using var ended = call;
        TResult? result = null;
        await foreach (var report in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false)) result = resultOf(report) ?? result;
        return result ?? throw new RpcException(new Status(StatusCode.Unavailable, $"The call ended without its result. Run the command again{again}."));
    }

    /// <summary>Shows progress, and gives the null that says that it is no result.</summary>
    public static TResult? Show<TResult>(this ProgressLine line, WorkProgress now)
        where TResult : class
    {
        line.Report(now.Stage, now.Done, now.Total);
        return null;
    }
}
