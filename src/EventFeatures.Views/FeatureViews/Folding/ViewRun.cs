using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// One uninterrupted run of a view from its committed checkpoint: four tasks that receive, fold, commit and probe.
/// If one of them fails in a way that trying again does not help, all end, and the next run starts from the checkpoint.
/// </summary>
internal sealed class ViewRun
{
    private readonly Position? _checkpoint;
    private readonly ViewsOptions _options;
    private readonly ViewSubscription _subscription;
    private readonly ViewFold _fold;
    private readonly HeadProbe _probe;

    public ViewRun(
        CompiledView view, IEventLog log, ViewStorage storage, Position? checkpoint, ViewTotals totals,
        ViewsOptions options, ViewHealth health, ViewsTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        _checkpoint = checkpoint;
        _options = options;
        var quarantine = new Quarantine(log, view);
        var filter = EventFilter.ByStreamPrefix([.. view.Categories.Select(category => category + "-")]);
        Progress = new ViewProgress(storage.View, checkpoint, totals, time);
        States = new HotStates(options.HotEntitiesMax, complete: totals.Entities == 0);
        Writes = new WriteBehind(options, time, health, checkpoint, totals, () => Progress.IsLive, async (batch, token) =>
        {
            var started = time.GetTimestamp();
            await quarantine.AppendAsync(batch.Refused, token);
            await storage.CommitAsync(batch, token);
            telemetry.Flushed(storage.View, time.GetElapsedTime(started));
        });
        _subscription = new ViewSubscription(log, filter, options, Progress, health);
        FoldPath path = view.EntitiesAreStreams
            ? new StreamFold(view, storage, States, Writes, health, logger)
            : new KeyedFold(view, storage, States, new HotStreams(options.HotStreamsMax, complete: checkpoint is null), Writes, health, logger);
        _fold = new ViewFold(view, storage.View, path, Writes, Progress, health, telemetry, time, logger);
        _probe = new HeadProbe(log, filter, options, Progress, health, time);
    }

    public ViewProgress Progress { get; }

    public HotStates States { get; }

    public WriteBehind Writes { get; }

    /// <summary>Runs until cancelled, and throws what ended it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] tasks =
        [
            Task.Run(() => _subscription.ReceiveAsync(_checkpoint, together.Token), CancellationToken.None),
            Task.Run(() => FoldAsync(together.Token), CancellationToken.None),
            Task.Run(() => Writes.RunAsync(together.Token), CancellationToken.None),
            Task.Run(() => _probe.RunAsync(together.Token), CancellationToken.None),
        ];
        var first = await Task.WhenAny(tasks);
        await together.CancelAsync();
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    /// <summary>Ends every wait on this run.</summary>
    public void Abandon(Exception reason)
    {
        Progress.Abandon(reason);
        Writes.Abandon(reason);
    }

    private async Task FoldAsync(CancellationToken cancellation)
    {
        var messages = new List<LogMessage>(_options.FoldMessagesMax);
        while (true)
        {
            await _subscription.TakeAsync(messages, _options.FoldMessagesMax, cancellation);
            await Writes.RoomAsync(cancellation);
            await _fold.FoldAsync(messages, cancellation);
        }
    }
}
