using EventFeatures.Log.EmbeddedNode.Serving;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// Runs one group: reads for it while it has room, replays and parks for it, stores its progress, and wakes it
/// when a message's time is up. All calls of the group are made under one lock; nothing is awaited there.
/// </summary>
internal sealed class GroupRunner
{
    private readonly NodeServices _node;
    private readonly ILogger _logger;
    private readonly ParkedMessages _parkedMessages;
    private readonly StoredProgress _storedProgress;
    private readonly Lock _gate = new();
    private readonly Signal _room = new();
    private readonly Signal _replay = new();
    private readonly Signal _writes = new();
    private readonly CancellationTokenSource _stop;
    private readonly ITimer _timer;
    private readonly Group _group;
    private readonly GroupSource _source;
    private readonly Task _running;
    private RpcException? _ended;
    private long _replayEnd;

    private GroupRunner(NodeServices node, GroupDefinition definition, ILogger logger, long after, long parkedFirst)
    {
        (_node, Definition, _logger) = (node, definition, logger);
        _parkedMessages = new ParkedMessages(definition, node);
        _storedProgress = new StoredProgress(definition, node.Pages, new SystemAppends(node));
        _group = new Group(definition.Settings, new Progress(after), new Progress(parkedFirst - 1), node.Options.Time);
        _source = new GroupSource(definition, node, after);
        _replayEnd = parkedFirst;
        _stop = new CancellationTokenSource();
        _timer = node.Options.Time.CreateTimer(_ => Run(group => group.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.WhenAll(
            Task.Run(() => RepeatAsync(ReadAsync)), Task.Run(() => RepeatAsync(ReplayAsync)), Task.Run(() => RepeatAsync(WriteAsync)));
    }

    public GroupDefinition Definition { get; }

    /// <summary>Starts a group where its stored progress ends, or where its definition says.</summary>
    public static async Task<GroupRunner> StartAsync(NodeServices node, GroupDefinition definition, ILogger logger, CancellationToken cancellation)
    {
        var stored = await new StoredProgress(definition, node.Pages, new SystemAppends(node)).LoadAsync(cancellation);
        var (parkedFirst, _) = await new ParkedMessages(definition, node).ExtentAsync(cancellation);
        return new GroupRunner(node, definition, logger, stored ?? definition.StartAfter, parkedFirst);
    }

    /// <summary>Adds a consumer, or refuses it.</summary>
    public void Connect(Consumer consumer)
    {
        lock (_gate)
        {
            if (_ended is not null) throw _ended;
            if (!_group.Connect(consumer)) throw GroupRefusals.TooManyConsumers(Definition.Key, Definition.Settings.ConsumersMax);
            Wake();
        }
    }

    public void Disconnect(Consumer consumer) => Run(group => group.Disconnect(consumer));

    /// <summary>Whether a delivery that leaves the queue is still meant for the consumer.</summary>
    public bool BeginSend(Consumer consumer, Delivery delivery)
    {
        var isCurrent = false;
        Run(group => isCurrent = group.BeginSend(consumer, delivery));
        return isCurrent;
    }

    public void Acknowledge(IReadOnlyList<Guid> ids) => Run(group =>
    {
        foreach (var id in ids) group.Acknowledge(id);
    });

    public void Refuse(IReadOnlyList<Guid> ids, bool park, string reason) => Run(group =>
    {
        foreach (var id in ids) group.Refuse(id, park, reason);
    });

    /// <summary>Lets parked messages be delivered again, up to a revision of the parked stream.</summary>
    public async Task ReplayAsync(long? stopAt, CancellationToken cancellation)
    {
        var (_, end) = await _parkedMessages.ExtentAsync(cancellation);
        lock (_gate)
        {
            // Nothing would be replayed any more.
            if (_ended is not null) throw _ended;
            _replayEnd = Math.Max(_replayEnd, Math.Min(stopAt ?? end, end));
        }
        _replay.Set();
    }

    /// <summary>What it has, looked at under its lock.</summary>
    public async Task<T> LookAsync<T>(Func<GroupLook, T> look, CancellationToken cancellation)
    {
        // An event that was parked between two looks would be neither outstanding nor parked.
        const int LooksMax = 8;
        var (_, parkedEnd) = await _parkedMessages.ExtentAsync(cancellation);
        for (var looks = 1; ; looks++)
        {
            T seen;
            lock (_gate) seen = look(new GroupLook(_group, _source.IsBehind, Math.Max(0, parkedEnd - _group.Parked.Read - 1), _node.Options.Time));
            var before = parkedEnd;
            (_, parkedEnd) = await _parkedMessages.ExtentAsync(cancellation);
            if (parkedEnd == before || looks == LooksMax) return seen;
        }
    }

    /// <summary>Ends all consumers' calls, stores what is handled while there is time, and runs no more.</summary>
    public async Task StopAsync(RpcException reason, CancellationToken late)
    {
        lock (_gate)
        {
            if (_ended is not null) return;
            _ended = reason;
            DropAll(reason);
        }
        // The token is cancelled even when the callback of a query that just ended fails.
        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync();
        try
        {
            await _running.WaitAsync(late);
            await ParkAsync(late);
            await StoreAsync(isLast: true, late);
        }
        catch (Exception failure) when (failure is SystemAppendException or OperationCanceledException)
        {
            // Then the events since the last checkpoint are delivered again, as after a crash.
            _logger.GroupCheckpointFailed(Definition.Key.SubscriptionId, failure.Message);
        }
        // Whoever still ends needs it.
        if (_running.IsCompleted) _stop.Dispose();
    }

    private void Run(Action<Group> action)
    {
        lock (_gate)
        {
            action(_group);
            Wake();
        }
    }

    private void Wake()
    {
        if (_ended is not null) return;
        if (_group.Room > 0)
        {
            _room.Set();
            _replay.Set();
        }
        var duties = _group.Duties();
        if (duties.Write) _writes.Set();
        if (duties.Next is { } next) _timer.Change(next + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private async Task ReadAsync()
    {
        int room;
        lock (_gate) room = _group.Room;
        if (room == 0)
        {
            await _room.WaitAsync(_stop.Token);
            return;
        }
        var batch = await _source.ReadAsync(room, _stop.Token);
        Run(group =>
        {
            group.Offer(batch.Messages);
            group.Source.Pass(batch.ReadTo, batch.Passed);
        });
    }

    private async Task ReplayAsync()
    {
        long from, end;
        int room;
        lock (_gate) (from, end, room) = (_group.Parked.Read + 1, _replayEnd, _group.Room);
        if (room == 0 || from >= end)
        {
            await _replay.WaitAsync(_stop.Token);
            return;
        }
        var messages = await _parkedMessages.ReadAsync(from, end, Math.Min(room, Math.Max(1, Definition.Settings.ReadBatchSize)), _stop.Token);
        Run(group =>
        {
            group.Offer(messages);
            // Revisions that are gone were cut off by someone, and cannot come back.
            if (messages.Count == 0) group.Parked.Pass(end - 1, 0);
        });
    }

    private async Task WriteAsync()
    {
        await _writes.WaitAsync(_stop.Token);
        await ParkAsync(_stop.Token);
        await StoreAsync(isLast: false, _stop.Token);
    }

    private async Task ParkAsync(CancellationToken cancellation)
    {
        while (TakeParkRequest() is { } request)
        {
            try
            {
                await _parkedMessages.ParkAsync(request, cancellation);
            }
            catch (Exception failure)
            {
                Run(group => group.GiveUpParking(request.Message));
                if (failure is OperationCanceledException) throw;
                _logger.ParkingFailed(Definition.Key.SubscriptionId, failure.Message);
                continue;
            }
            Run(group => group.FinishParking(request.Message));
        }
    }

    private ParkRequest? TakeParkRequest()
    {
        lock (_gate) return _group.ToPark.TryDequeue(out var request) ? request : null;
    }

    private async Task StoreAsync(bool isLast, CancellationToken cancellation)
    {
        if (Due(_group.Source, isLast) is { } source)
        {
            await _storedProgress.StoreAsync(source.Place, cancellation);
            Run(group => group.Store(group.Source, source.Place, source.HandledCount));
        }
        if (Due(_group.Parked, isLast) is { } parked)
        {
            await _parkedMessages.CutAsync(parked.Place + 1, cancellation);
            Run(group => group.Store(group.Parked, parked.Place, parked.HandledCount));
        }
    }

    private (long Place, int HandledCount)? Due(Progress progress, bool isLast)
    {
        lock (_gate)
        {
            var isDue = _group.IsCheckpointDue(progress) || (isLast && progress.Handled > progress.Stored);
            return isDue ? (progress.Handled, progress.HandledCount) : null;
        }
    }

    // Each loop does one step at a time; after failures in a row, the consumers are told and may come back.
    private async Task RepeatAsync(Func<Task> step)
    {
        const int FailuresMax = 8;
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await step();
                failures = 0;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                _logger.GroupFailed(failure, Definition.Key.SubscriptionId, failure.Message);
                if (++failures % FailuresMax == 0) EndConsumers(failure);
                var pause = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(failures, FailuresMax) - 1));
                await Task.Delay(pause, _node.Options.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                // A write that failed is not lost: it is still due.
                _writes.Set();
            }
        }
    }

    private void EndConsumers(Exception failure)
    {
        var reason = failure switch
        {
            RpcException refused => refused,
            NpgsqlException or TimeoutException => Refusals.Storage(failure),
            _ => Refusals.Unavailable($"Subscription group '{Definition.Key}' cannot go on: {failure.Message} Subscribe again later."),
        };
        lock (_gate) DropAll(reason);
    }

    private void DropAll(RpcException reason)
    {
        foreach (var consumer in _group.DisconnectAll()) consumer.Drop(reason);
    }
}

/// <summary>A group's state as its information shows it.</summary>
internal readonly record struct GroupLook(Group Group, bool IsBehind, long ParkedCount, TimeProvider Time);
