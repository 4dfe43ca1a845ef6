using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using Grpc.Core;

namespace EventFeatures.Cli.Connection;

/// <summary>The calls that join and train, with their progress shown while they last.</summary>
internal static class TrainingCalls
{
    public static async Task<TrainingSet> BuildTrainingSetAsync(this ApiSession api, BuildTrainingSetRequest request, Invocation invocation, CallOptions options)
    {
        using var progress = invocation.Progress("join");
        using var call = api.Registry.BuildTrainingSetWithProgress(request, options);
        TrainingSet? built = null;
        await foreach (var report in call.ResponseStream.ReadAllAsync(options.CancellationToken).ConfigureAwait(false))
            if (report.Progress is { } now) progress.Report(now.Stage, now.Done, now.Total);
            else built = report.Built;
        return built ?? throw WithoutResult();
    }

    public static async Task<TrainModelResponse> TrainModelAsync(this ApiSession api, TrainModelRequest request, Invocation invocation, CallOptions options)
    {
        using var progress = invocation.Progress("join");
        using var call = api.Registry.TrainModelWithProgress(request, options);
        TrainModelResponse? trained = null;
        await foreach (var report in call.ResponseStream.ReadAllAsync(options.CancellationToken).ConfigureAwait(false))
            if (report.Progress is { } now) progress.Report(now.Stage, now.Done, now.Total);
            else trained = report.Trained;
        return trained ?? throw WithoutResult();
    }

    private static RpcException WithoutResult() => new(new Status(StatusCode.Unavailable, "The call ended without its result. Run the command again."));
}
