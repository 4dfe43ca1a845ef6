using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Application.Events.Moving;
using EventFeatures.Core.Events;
using Grpc.Core;
using MediatR;

namespace EventFeatures.Server.Api;

/// <summary>What an operator does with the log now and then.</summary>
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

    private sealed class Listener(Action<string, long, long> tell) : IProgress<ScavengeProgress>
    {
        public void Report(ScavengeProgress value) => tell(value.Stage, value.Done, value.Total);
    }
}
