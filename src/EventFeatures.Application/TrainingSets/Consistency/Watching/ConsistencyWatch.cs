using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Monitoring;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.TrainingSets.Consistency.Watching;

/// <summary>
/// Compares, continuously and in a small share of the time, every vector that was served and every online vector with the
/// batch views. One process of several does it; where it ends, the next goes on.
/// </summary>
public sealed class ConsistencyWatch : IAsyncDisposable
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(2);

    private readonly ConsistencySteps _steps;
    private readonly ISharedWork _work;
    private readonly IEventLog _log;
    private readonly ConsistencyWatchOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Meter _meter = new(ApplicationTelemetry.SourceName);
    private Backlog? _backlog;
    private Task _running = Task.CompletedTask;

    public ConsistencyWatch(
        IRegistry registry, IOnlineViews online, IBatchViews batch, IEventLog log, ISharedWork work, ConsistencyWatchOptions options, TimeProvider time)
    {
        _steps = new ConsistencySteps(registry, online, batch, log, options);
        (_work, _log, _options, _time) = (work, log, options, time);
        _meter.CreateObservableGauge("eventfeatures.consistency.gap", () => Measure(backlog => (long)backlog.Gap), "{position}", "How many positions of the log lie after the last prediction that was compared in the background.");
        _meter.CreateObservableGauge("eventfeatures.consistency.lag", () => Measure(backlog => backlog.Since is { } since ? _time.GetElapsedTime(since).TotalSeconds : 0), "s", "How long comparing in the background has been behind the log's head.");
    }

    /// <summary>Hears what is told by an event.</summary>
    public event Action<ConsistencyMismatchFound>? Found;

    /// <summary>Hears why it could not go on; it tries again.</summary>
    public event Action<Exception>? Failed;

    /// <summary>Starts, unless it is switched off.</summary>
    public void Start()
    {
        if (_options.IsOn) _running = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Ends, and lets another process go on at once.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_options.IsOn) return;
        using var deadline = new CancellationTokenSource(LeaveMax);
        try
        {
            await _work.LeaveAsync(WatchState.Work, deadline.Token);
        }
        catch (Exception failure)
        {
            // Then the others wait until its time is over.
            Failed?.Invoke(failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _meter.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (await _work.TryTakeAsync(WatchState.Work, _options.LeaseDuration, cancellation) is { } state)
                    await CompareAsync(WatchState.Read(state), cancellation);
                // Another process has the work, and measures it.
                _backlog = null;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                Failed?.Invoke(failure);
            }
            await Task.Delay(_options.IdlePause, _time, cancellation);
        }
    }

    // Until another process has the work.
    private async Task CompareAsync(WatchState state, CancellationToken cancellation)
    {
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var (next, told, any) = await StepAsync(state, cancellation);
            await TellAsync(state, told, cancellation);
            if (!await _work.KeepAsync(WatchState.Work, next.ToString(), _options.LeaseDuration, cancellation)) return;
            state = next;
            var pause = Stopwatch.GetElapsedTime(started) * ((1 / _options.ShareMax) - 1);
            await Task.Delay(!any ? _options.IdlePause : pause < PauseMax ? pause : PauseMax, _time, cancellation);
        }
    }

    private async Task<(WatchState Next, IReadOnlyList<ConsistencyMismatchFound> Told, bool Any)> StepAsync(WatchState state, CancellationToken cancellation)
    {
        var head = await _log.ReadHeadAsync(cancellation) ?? Position.Start;
        // Another log than before, as after a restore: what was compared says nothing about it.
        if (head < state.Position) state = state with { Checked = 0 };
        var (next, tally, any) = await ServedAsync(state, head, cancellation);
        Note(head, next.Position);
        var now = Instant.FromDateTimeOffset(_time.GetUtcNow());
        if (_steps.IsPassDue(state, now))
        {
            (next, var anyOnline) = await _steps.OnlineAsync(next, tally, cancellation);
            if (next.View is null) next = next with { Passes = next.Passes + 1, PassEndedAt = now.Microseconds };
            any |= anyOnline || next.View is not null;
        }
        var report = tally.Report();
        CheckConsistencyHandler.Measure(report);
        var (after, told) = next.With(report, now, new Duration(_options.TellEvery.Ticks / 10));
        return (after, told, any);
    }

    // A view that cannot answer must keep no online vector from being compared, nor the backlog from being measured. What
    // was predicted from it is compared once it answers again.
    private async Task<(WatchState Next, ConsistencyTally Tally, bool Any)> ServedAsync(WatchState state, Position head, CancellationToken cancellation)
    {
        var tally = new ConsistencyTally();
        try
        {
            var (next, any) = await _steps.ServedAsync(state, head, tally, cancellation);
            return (next, tally, any);
        }
        catch (ViewUnavailableException unavailable)
        {
            Failed?.Invoke(unavailable);
            // Nothing of what was counted before, which is counted when it is tried again.
            return (state, new ConsistencyTally(), false);
        }
    }

    private async Task TellAsync(WatchState before, IReadOnlyList<ConsistencyMismatchFound> told, CancellationToken cancellation)
    {
        foreach (var found in told)
        {
            // A step that is done again, since the process ended before it was kept, tells the same.
            var id = EventIds.Derive("consistency-mismatch", found.Path, found.Feature, before.Position.ToString(), FormattableString.Invariant($"{before.Passes}"), before.View ?? "", before.Key ?? "");
            await _log.AppendToStreamAsync(
                ConsistencyMismatchFound.Stream, StreamState.Any, [DefinitionJson.ToEventData(found, id, Provenance.Of(null, "eventfeatures"))], cancellation);
            Found?.Invoke(found);
        }
    }

    private void Note(Position head, Position reached)
    {
        var gap = head.Value - Math.Min(reached.Value, head.Value);
        _backlog = new Backlog(gap, gap == 0 ? null : _backlog?.Since ?? _time.GetTimestamp());
    }

    private IEnumerable<Measurement<T>> Measure<T>(Func<Backlog, T> measure)
        where T : struct => _backlog is { } backlog ? [new Measurement<T>(measure(backlog))] : [];

    private sealed record Backlog(ulong Gap, long? Since);
}
