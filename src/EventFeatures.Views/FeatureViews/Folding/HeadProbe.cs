using EventFeatures.Core.Events;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Answers those who wait for a position that belongs to another category's event. A filtered subscription says
/// nothing of such positions until its next checkpoint, so the log is asked: if nothing of the view's category lies
/// between what the view has folded and the log's head, then the view has seen everything up to the head.
/// One question serves all who wait.
/// </summary>
internal sealed class HeadProbe
{
    private readonly IEventLog _log;
    private readonly EventFilter _filter;
    private readonly ViewsOptions _options;
    private readonly ViewProgress _progress;
    private readonly ViewHealth _health;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _wanted = new(0, 1);

    public HeadProbe(IEventLog log, EventFilter filter, ViewsOptions options, ViewProgress progress, ViewHealth health, TimeProvider time)
    {
        (_log, _filter, _options, _progress, _health, _time) = (log, filter, options, progress, health, time);
        progress.Wanted += () =>
        {
            lock (_wanted)
                if (_wanted.CurrentCount == 0) _wanted.Release();
        };
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await _wanted.WaitAsync(cancellation);
            var pause = _options.ProbeDelay;
            // A token of the view's own category mostly arrives by itself while this pauses.
            while (true)
            {
                await Task.Delay(pause, _time, cancellation);
                if (!_progress.HasWaiters) break;
                var advanced = _progress.IsLive
                    && await _health.TryAsync("read the log's head", () => "for a waiting read", ProbeAsync, cancellation);
                pause = advanced || pause > 16 * _options.ProbeDelay ? _options.ProbeDelay : 2 * pause;
            }
        }
    }

    private async Task<bool> ProbeAsync(CancellationToken cancellation)
    {
        var known = _progress.Known;
        if (await _log.ReadHeadAsync(cancellation) is not { } head || head <= known) return false;
        // The event at the start is included, and may be the known one.
        await foreach (var recorded in _log.ReadAllAsync(ReadDirection.Forwards, known ?? Position.Start, _filter, countMax: 2, cancellation))
        {
            if (recorded.Position <= known) continue;
            if (recorded.Position > head) break;
            return false; // One of the view's own is on its way.
        }
        _progress.Advance(head);
        return true;
    }
}
