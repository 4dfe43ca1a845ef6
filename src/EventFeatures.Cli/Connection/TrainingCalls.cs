using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Connection;

/// <summary>The calls that join and train, with their progress shown while they last.</summary>
internal static class TrainingCalls
{
    /// <param name="api">The API.</param>
    /// <param name="request">What to build.</param>
    /// <param name="rows">The spine, sent while it is read; null where there is none.</param>
    /// <param name="invocation">Where progress is shown.</param>
    /// <param name="options">The call's.</param>
    public static async Task<TrainingSet> BuildTrainingSetAsync(
        this ApiSession api, BuildTrainingSetRequest request, IAsyncEnumerable<SpineRow>? rows, Invocation invocation, CallOptions options)
    {
        using var progress = invocation.Progress(rows is null ? "join" : "read");
        TrainingSet? built = null;
        void Hear(BuildTrainingSetReport report) => built = Show(progress, report.Progress) ? built : report.Built;
        if (rows is null)
        {
            using var call = api.Registry.BuildTrainingSetWithProgress(request, options);
            await foreach (var report in call.ResponseStream.ReadAllAsync(options.CancellationToken).ConfigureAwait(false)) Hear(report);
        }
        else
        {
            using var call = api.Registry.BuildTrainingSetFromRows(options);
            await new SpineExchange<BuildTrainingSetPart, BuildTrainingSetReport>(call, part => new BuildTrainingSetPart { Rows = part })
                .RunAsync(new BuildTrainingSetPart { Request = request }, rows, Hear, options.CancellationToken).ConfigureAwait(false);
        }
        return built ?? throw WithoutResult();
    }

    /// <inheritdoc cref="BuildTrainingSetAsync"/>
    public static async Task<TrainModelResponse> TrainModelAsync(
        this ApiSession api, TrainModelRequest request, IAsyncEnumerable<SpineRow>? rows, Invocation invocation, CallOptions options)
    {
        using var progress = invocation.Progress(rows is null ? "join" : "read");
        TrainModelResponse? trained = null;
        void Hear(TrainModelReport report) => trained = Show(progress, report.Progress) ? trained : report.Trained;
        if (rows is null)
        {
            using var call = api.Registry.TrainModelWithProgress(request, options);
            await foreach (var report in call.ResponseStream.ReadAllAsync(options.CancellationToken).ConfigureAwait(false)) Hear(report);
        }
        else
        {
            using var call = api.Registry.TrainModelFromRows(options);
            await new SpineExchange<TrainModelPart, TrainModelReport>(call, part => new TrainModelPart { Rows = part })
                .RunAsync(new TrainModelPart { Request = request }, rows, Hear, options.CancellationToken).ConfigureAwait(false);
        }
        return trained ?? throw WithoutResult();
    }

    private static bool Show(ProgressLine line, WorkProgress? now)
    {
        if (now is null) return false;
        line.Report(now.Stage, now.Done, now.Total);
        return true;
    }

    private static RpcException WithoutResult() => new(new Status(StatusCode.Unavailable, "The call ended without its result. Run the command again."));
}
