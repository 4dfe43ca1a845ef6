using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Definitions;

/// <summary>
/// Folds the definition streams of the log into snapshots. Reading takes no lock. An event that cannot be read
/// stops it there, by name: serving on with a part of the definitions would be wrong without anybody noticing. A log that
/// is away does not: what is known stays in force, the fault says so, and it is followed on once it is back.
/// </summary>
public sealed class Registry(IEventLog log, TimeProvider time) : IRegistry, IAsyncDisposable
{
    private const int AttemptsMax = 8;
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(10);

    // The log's client tries for a while of its own each time, such as a quarter of a minute for a cluster without a leader.
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Moment _now = new(RegistrySnapshot.Empty, null, null);

    // Only while the log has been away for long.
    private volatile string? _away;
    private Task _run = Task.CompletedTask;
    private int _disposed;

    /// <inheritdoc/>
    public RegistrySnapshot Current => _now.Snapshot;

    /// <inheritdoc/>
    public string? Fault => _now.Fault?.Message ?? _away;

    /// <summary>Whether all history was folded.</summary>
    public bool IsCaughtUp => _caughtUp.Task.IsCompletedSuccessfully;

    /// <summary>Starts following the log, and returns once all history is folded.</summary>
    /// <exception cref="RegistryStoppedException">The log cannot be reached or holds an event that cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        _run = Task.Run(RunAsync, CancellationToken.None);
        await _caughtUp.Task.WaitAsync(cancellation);
    }

    /// <summary>Stops following the log. The last snapshot stays readable.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    /// <inheritdoc/>
    public async Task SeenAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default)
    {
        using var late = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            await UntilAsync(moment => moment.Seen >= position, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The registry has seen position {_now.Seen?.ToString() ?? "none"}, but not {position} within {deadline.TotalSeconds:0.###} s. Try again, or look at the log's health.");
        }
    }

    /// <inheritdoc/>
    public Task ChangedAsync(RegistrySnapshot known, CancellationToken cancellation = default) =>
        UntilAsync(moment => !ReferenceEquals(moment.Snapshot, known), cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await StopAsync();
        _stop.Dispose();
    }

    private async Task UntilAsync(Func<Moment, bool> isReached, CancellationToken cancellation)
    {
        while (true)
        {
            var moment = _now;
            if (isReached(moment)) return;
            if (moment.Fault is { } fault) throw new RegistryStoppedException(fault.Message, fault);
            await moment.Over.Task.WaitAsync(cancellation);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await FollowAsync();
            throw new RegistryStoppedException("The registry's subscription to the log ended. Restart the server.");
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Fail(new RegistryStoppedException("The registry was stopped."));
        }
        catch (Exception exception)
        {
            // Whatever ended the loop is kept where health and every waiter see it.
            Fail(exception as RegistryStoppedException ?? new RegistryStoppedException("The registry stopped: " + exception.Message, exception));
        }
    }

    /// <summary>
    /// Follows the log, and resubscribes after the last seen position while the log is away: within a bound until all history
    /// is folded, and from then on for as long as it takes.
    /// </summary>
    private async Task FollowAsync()
    {
        // Only spreads retries of many servers in time.
        var jitter = new Random(Environment.ProcessId);
        var heard = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var from = _now.Seen is { } seen ? FromAll.After(seen) : FromAll.Start;
                await foreach (var message in log.SubscribeToAll(from, DefinitionStreams.Filter, _stop.Token))
                {
                    Take(message);
                    attempt = 1;
                    heard = time.GetTimestamp();
                    _away = null;
                }
                return;
            }
            catch (Exception away) when (away is LogUnavailableException or LogAccessDeniedException && (IsCaughtUp || away is LogUnavailableException && attempt < AttemptsMax && time.GetElapsedTime(heard) < StartMax))
            {
                attempt = Math.Min(attempt, AttemptsMax);
                if (attempt == AttemptsMax) _away = $"The registry has not reached the log for a while: {away.Message} What it knew stays in force, and it goes on by itself once the log answers.";
                var delay = Math.Min(DelayMax.TotalSeconds, 0.1 * Math.Pow(2, attempt)) * (0.5 + jitter.NextDouble() / 2);
                await Task.Delay(TimeSpan.FromSeconds(delay), time, _stop.Token);
            }
        }
    }

    private void Take(LogMessage message)
    {
        switch (message)
        {
            case LogMessage.Event { Recorded: var recorded } when !(recorded.Position <= _now.Seen):
                Become(new Moment(RegistryFold.Apply(_now.Snapshot, recorded), recorded.Position, null));
                break;
            case LogMessage.Checkpoint { Position: var position } when !(position <= _now.Seen):
                Become(new Moment(_now.Snapshot, position, null));
                break;
            case LogMessage.CaughtUp:
                _caughtUp.TrySetResult();
                break;
        }
    }

    private void Fail(RegistryStoppedException fault)
    {
        Become(new Moment(_now.Snapshot, _now.Seen, fault));
        _caughtUp.TrySetException(fault);
        // Nobody may be waiting for the start any more.
        _ = _caughtUp.Task.Exception;
    }

    private void Become(Moment next)
    {
        var before = _now;
        _now = next;
        before.Over.TrySetResult();
    }

    private sealed record Moment(RegistrySnapshot Snapshot, Position? Seen, RegistryStoppedException? Fault)
    {
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
