using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Application.Events.Moving;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Events;
using Grpc.Core;
using MediatR;
using ViewStatus = EventFeatures.Core.FeatureViews.ViewStatus;

namespace EventFeatures.Server.Api;

/// <summary>What an operator does with the log and the views now and then.</summary>
internal sealed class MaintenanceService(IMediator mediator, CallsInWork calls) : Maintenance.MaintenanceBase
{
    public override async Task Scavenge(ScavengeRequest request, IServerStreamWriter<ScavengeReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var reports = new ProgressReports<ScavengeReport>(responseStream, progress => new ScavengeReport { Progress = progress });
        await reports.RunAsync(async tell => new ScavengeReport { Done = Of(await mediator.Send(Command(request, tell), call.Token)) }, call.Token);
    }

    public override async Task CopyLog(CopyLogRequest request, IServerStreamWriter<CopyLogReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var reports = new ProgressReports<CopyLogReport>(responseStream, progress => new CopyLogReport { Progress = progress });
        await reports.RunAsync(async tell =>
        {
            var command = new CopyLog(request.To) { By = Callers.Actor(request.Actor), Why = request.Reason, VerifyOnly = request.VerifyOnly, Progress = tell };
            return new CopyLogReport { Done = Of(await mediator.Send(command, call.Token)) };
        }, call.Token);
    }

    public override async Task<TranslatePositionResponse> TranslatePosition(TranslatePositionRequest request, ServerCallContext context) =>
        new() { Position = (await mediator.Send(new TranslatePosition(new Position(request.Position)), context.CancellationToken)).Value };

    public override async Task RebuildView(RebuildViewRequest request, IServerStreamWriter<RebuildViewReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var reports = new ProgressReports<RebuildViewReport>(responseStream, progress => new RebuildViewReport { Progress = progress });
        await reports.RunAsync(
            async tell =>
            {
                var command = new RebuildView(request.View)
                {
                    Replace = request.Replace, Progress = new Rebuilding(status => tell("rebuild", (long)(1_000 * status.Progress), 1_000)),
                };
                return new RebuildViewReport { Done = Of(await mediator.Send(command, call.Token)) };
            },
            call.Token);
    }

    private static RebuildViewResult Of(ViewRebuilt rebuilt) => rebuilt.Comparison is not { } found
        ? new RebuildViewResult { View = rebuilt.View.ToString(), Replaced = true }
        : new RebuildViewResult
        {
            View = rebuilt.View.ToString(),
            Difference = found.Difference ?? "",
            Position = found.Position.Value,
            Entities = found.Entities,
            Rows = found.Rows,
            ChangedMeanwhile = found.ChangedMeanwhile,
        };

    private static ScavengeLog Command(ScavengeRequest request, Action<string, long, long> tell) => new()
    {
        By = Callers.Actor(request.Actor),
        Why = request.Reason,
        CorrelationId = Callers.Correlation(""),
        Progress = new Listener(tell),
    };

    private static ScavengeResult Of(ScavengeSummary summary) => new()
    {
        EventsRemoved = summary.EventsRemoved,
        BytesRemoved = summary.BytesRemoved,
        DiskBytesFreed = summary.DiskBytesFreed,
        PartsRewritten = summary.PartsRewritten,
        PartsLeft = { summary.PartsLeft },
        StreamsKept = summary.StreamsKept,
    };

    private static CopyLogResult Of(CopySummary summary) => new()
    {
        Events = summary.Events,
        ThroughPosition = summary.ThroughPosition,
        Digest = summary.Digest,
        Skipped = summary.Skipped,
        Placeholders = summary.Placeholders,
        MapStream = summary.MapStream,
    };

    private sealed class Rebuilding(Action<ViewStatus> tell) : IProgress<ViewStatus>
    {
        public void Report(ViewStatus value) => tell(value);
    }

    private sealed class Listener(Action<string, long, long> tell) : IProgress<ScavengeProgress>
    {
        public void Report(ScavengeProgress value) => tell(value.Stage, value.Done, value.Total);
    }
}
