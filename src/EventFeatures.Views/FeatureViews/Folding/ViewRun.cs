using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// One uninterrupted run of some of a view's partitions from their committed checkpoint: four tasks that receive, fold,
/// commit and probe. If one of them fails in a way that trying again does not help, all end, and the next run starts from
/// the checkpoint. A run that shall own other partitions than it does yields: it commits what it folded, and ends.
/// </summary>
internal sealed class ViewRun
{
    private readonly ViewReference _view;
    private readonly ViewsOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _yield = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ViewSubscription _subscription;
    private readonly ViewFold _fold;
    private readonly HeadProbe _probe;

    public ViewRun(
        CompiledView view, IEventLog log, ViewStorage storage, OwnedPartitions owned, ViewsOptions options,
        ViewHealth health, ViewsTelemetry telemetry, ViewChanges changes, TimeProvider time, ILogger logger)
    {
        (_view, _options, _time, _logger, Owned) = (storage.View, options, time, logger, owned);
        var quarantine = new Quarantine(log, view, telemetry, logger);
        var filter = EventFilter.ByStreamPrefix([.. view.Categories.Select(category => category + "-")]);
        Progress = new ViewProgress(storage.View, owned.Start, owned.Totals, time);
        States = new HotStates(options.HotEntitiesMax, complete: owned.HasNoEntities);
        Writes = new WriteBehind(options, time, health, owned, () => Progress.IsLive, async (batch, token) =>
        {
            var started = time.GetTimestamp();
            await quarantine.AppendAsync(batch.Refused, token);
            await storage.CommitAsync(batch, owned, token);
            telemetry.Flushed(storage.View, time.GetElapsedTime(started));
        });
        _subscription = new ViewSubscription(log, filter, options, Progress, health);
        FoldPath path = view.EntitiesAreStreams
            ? new StreamFold(view, storage, owned, States, Writes, health, logger)
            : new KeyedFold(view, storage, owned, States, new HotStreams(options.HotStreamsMax, complete: owned.Start is null), Writes, health, logger);
        _fold = new ViewFold(view, storage.View, storage.Partitions, owned, path, Writes, Progress, health, telemetry, changes, time, logger);
        _probe = new HeadProbe(log, filter, options, Progress, health, time);
    }

    /// <summary>What it owns; it may be nothing, and then it only waits.</summary>
    public OwnedPartitions Owned { get; }

    public ViewProgress Progress { get; }

    public HotStates States { get; }

    public WriteBehind Writes { get; }

    /// <summary>Asks it to end; it commits what it folded, and its partitions can be claimed anew.</summary>
    public void Yield() => _yield.Cancel();

    /// <summary>Yields for a reader who found its partitions to be another run's, and waits until it has ended.</summary>
    /// <exception cref="RunYieldedException">Always: what was read does not count.</exception>
    public async Task YieldedAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        Yield();
        await _ended.Task.WaitAsync(deadline, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        throw new RunYieldedException(_view);
    }

    /// <summary>Runs until it is asked to yield. When cancelled, or when it cannot go on, throws what ended it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _yield.Token);
        if (Owned.IsEmpty)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, together.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            return;
        }
        Task[] tasks =
        [
            Task.Run(() => _subscription.ReceiveAsync(Owned.Start, together.Token), CancellationToken.None),
            Task.Run(() => FoldAsync(together.Token), CancellationToken.None),
            Task.Run(() => Writes.RunAsync(together.Token), CancellationToken.None),
            Task.Run(() => _probe.RunAsync(together.Token), CancellationToken.None),
        ];
        var first = await Task.WhenAny(tasks);
        await together.CancelAsync();
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        if (!_yield.IsCancellationRequested) await first;
        // Only if the fold was stopped between two events, and did not fail in the middle of one.
        if (!tasks[1].IsCanceled) await tasks[1];
        await DrainAsync(cancellation);
    }

    /// <summary>Ends every wait on this run.</summary>
    public void Abandon(Exception reason)
    {
        Progress.Abandon(reason);
        Writes.Abandon(reason);
        _ended.TrySetResult();
    }

    private async Task DrainAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_options.StopDeadline);
        try
        {
            await Writes.DrainAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            ViewsLog.StoppedUncommitted(_logger, _view.ToString(), $"it was not committed within {_options.StopDeadline.TotalSeconds:0.###} s.");
        }
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

/// <summary>The run that was asked has yielded: its partitions are divided anew.</summary>
internal sealed class RunYieldedException(ViewReference view)
    : ViewUnavailableException($"View '{view}' hands partitions over to other workers. Ask again in a moment.");
