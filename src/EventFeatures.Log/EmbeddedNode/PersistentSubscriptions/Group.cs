using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// What one group knows while it runs: which messages wait, who has which, which failed how often, and how far
/// everything is handled. It does nothing but decide; whoever runs it reads, sends, parks and stores for it, and
/// never calls it from two threads at a time.
/// </summary>
/// <remarks>
/// A message leaves the group in one of three ways: acknowledged, skipped by a consumer's word, or parked. Until
/// then it holds back the checkpoint, so a restart delivers it again.
/// </remarks>
internal sealed class Group(GroupSettings settings, Progress source, Progress parked, TimeProvider time)
{
    // However few events wait, their bytes are bounded too.
    private const long BufferBytesMax = 16L * 1024 * 1024;

    // A filtered group that finds nothing still notes now and then how far it has looked.
    private const long PassedCountMax = 10_000;

    private readonly DispatchStrategy _strategy = DispatchStrategy.Named(settings.Strategy);
    private readonly List<Consumer> _consumers = [];
    private readonly LinkedList<Message> _failed = [];
    private readonly LinkedList<Message> _fresh = [];
    private readonly LinkedList<Message> _inFlight = [];
    private readonly Dictionary<Guid, Message> _delivered = [];
    private readonly Queue<ParkRequest> _toPark = [];
    private long _bufferedBytes;
    private int _parking;
    private long _storedAt = time.GetTimestamp();

    /// <summary>How far it has come in what it subscribes to.</summary>
    public Progress Source { get; } = source;

    /// <summary>How far replays have come in its parked stream.</summary>
    public Progress Parked { get; } = parked;

    public IReadOnlyList<Consumer> Consumers => _consumers;
    public int Waiting => _failed.Count + _fresh.Count;
    public int FailedWaiting => _failed.Count;
    public int InFlight => _inFlight.Count;
    public long DeliveredCount { get; private set; }
    public int Outstanding => Source.Unhandled + Parked.Unhandled;

    /// <summary>Messages to park, taken one by one; each must come back by one of the next two methods.</summary>
    public Queue<ParkRequest> ToPark => _toPark;

    /// <summary>How many more messages it takes now. Nothing is read for a group without consumers.</summary>
    public int Room => _consumers.Count == 0 || _bufferedBytes >= BufferBytesMax ? 0 : Math.Max(0, settings.BufferMax - Waiting - _parking);

    /// <summary>Adds a consumer; false when the group has as many as it may have.</summary>
    public bool Connect(Consumer consumer)
    {
        if (settings.ConsumersMax > 0 && _consumers.Count >= settings.ConsumersMax) return false;
        _consumers.Add(consumer);
        Dispatch();
        return true;
    }

    /// <summary>Removes a consumer; what it had fails once and goes to others.</summary>
    public void Disconnect(Consumer consumer)
    {
        if (!_consumers.Remove(consumer)) return;
        foreach (var message in _inFlight.Where(message => ReferenceEquals(message.Holder, consumer)).ToList())
            Fail(message, "The consumer went away too often while it had the event.");
        Dispatch();
    }

    /// <summary>Removes all consumers for a reason that is not theirs: what they had counts as not tried.</summary>
    public IReadOnlyList<Consumer> DisconnectAll()
    {
        var gone = _consumers.ToList();
        _consumers.Clear();
        while (_inFlight.Last is { Value: var message })
        {
            Unhold(message);
            _failed.AddFirst(message.Node);
            _bufferedBytes += message.Bytes;
        }
        return gone;
    }

    /// <summary>A delivery leaves a consumer's queue; whether it is still meant for it.</summary>
    public bool BeginSend(Consumer consumer, Delivery delivery)
    {
        var hadRoom = consumer.HasRoom;
        var isCurrent = consumer.BeginSend(delivery);
        if (!hadRoom && consumer.HasRoom) Dispatch();
        return isCurrent;
    }

    /// <summary>Takes messages that were read, in their order.</summary>
    public void Offer(IReadOnlyList<Message> messages)
    {
        foreach (var message in messages)
        {
            (message.IsReplay ? Parked : Source).Begin(message.Sequence);
            Wait(_fresh, message);
        }
        Dispatch();
    }

    /// <summary>Marks an event as handled. An id that nobody has any more is no error: its answer came too late.</summary>
    public void Acknowledge(Guid id)
    {
        if (!_delivered.TryGetValue(id, out var message) || message.IsParking) return;
        if (settings.ExtraStatistics) message.Holder?.Statistics.Answer((long)time.GetElapsedTime(message.DeliveredAt).TotalMilliseconds);
        Unhold(message);
        Finish(message);
        Dispatch();
    }

    /// <summary>An event could not be handled: it is parked at a consumer's word, or tried again.</summary>
    public void Refuse(Guid id, bool park, string reason)
    {
        if (!_delivered.TryGetValue(id, out var message) || message.IsParking || message.Holder is null) return;
        if (park) Park(message, reason);
        else Fail(message, reason);
        Dispatch();
    }

    /// <summary>A message is durably in the parked stream.</summary>
    public void FinishParking(Message message)
    {
        _parking--;
        Finish(message);
        Dispatch();
    }

    /// <summary>A message could not be parked; it is delivered again instead.</summary>
    public void GiveUpParking(Message message)
    {
        _parking--;
        message.IsParking = false;
        Wait(_failed, message);
        Dispatch();
    }

    /// <summary>Takes back what consumers have kept for too long.</summary>
    public void Tick()
    {
        if (settings.MessageTimeout is not { } timeout) return;
        var now = time.GetTimestamp();
        while (_inFlight.First is { Value: var oldest } && time.GetElapsedTime(oldest.DeliveredAt, now) >= timeout)
            Fail(oldest, "The event was not answered in time.");
        Dispatch();
    }

    /// <summary>What there is to do now, and when to look again.</summary>
    public GroupDuties Duties()
    {
        // The wait first: should the clock move on meanwhile, what needs no wait any more is due. The other way round, progress
        // could be too young to be written and then too old to be waited for.
        var next = NextTick;
        return new GroupDuties(_toPark.Count > 0 || IsCheckpointDue(Source) || IsCheckpointDue(Parked), next);
    }

    /// <summary>How long until <see cref="Tick"/> or a checkpoint may have something to do; null when never.</summary>
    public TimeSpan? NextTick
    {
        get
        {
            TimeSpan? next = null;
            if (settings.MessageTimeout is { } timeout && _inFlight.First is { Value: var oldest })
                next = timeout - time.GetElapsedTime(oldest.DeliveredAt);
            if (HasSteadyProgress(Source) || HasSteadyProgress(Parked))
            {
                // One that is due already is being stored, and needs no waking.
                var checkpoint = settings.CheckpointAfter - time.GetElapsedTime(_storedAt);
                if (checkpoint > TimeSpan.Zero && (next is null || checkpoint < next)) next = checkpoint;
            }
            return next < TimeSpan.Zero ? TimeSpan.Zero : next;
        }
    }

    /// <summary>Whether a source's progress is due to be stored.</summary>
    public bool IsCheckpointDue(Progress progress) =>
        progress.Handled > progress.Stored
        && (_consumers.Count == 0
            || progress.HandledCount >= Math.Max(1, settings.CheckpointCountMax)
            || progress.PassedCount >= PassedCountMax
            || (progress == Parked && progress.Unhandled == 0)
            || (HasSteadyProgress(progress) && time.GetElapsedTime(_storedAt) >= settings.CheckpointAfter));

    /// <summary>A checkpoint is durable.</summary>
    public void Store(Progress progress, long place, int handledCount)
    {
        progress.Store(place, handledCount);
        _storedAt = time.GetTimestamp();
    }

    private bool HasSteadyProgress(Progress progress) =>
        progress.Handled > progress.Stored && progress.HandledCount >= Math.Max(1, settings.CheckpointCountMin);

    private void Dispatch()
    {
        if (!_consumers.Exists(consumer => consumer.HasRoom)) return;
        if (Dispatch(_failed)) Dispatch(_fresh);
    }

    private bool Dispatch(LinkedList<Message> waiting)
    {
        for (var node = waiting.First; node is not null;)
        {
            var (message, next) = (node.Value, node.Next);
            // Two events may share an id, which is all that an answer names: one waits until the other is done.
            var isAmbiguous = _delivered.TryGetValue(message.Id, out var other) && !ReferenceEquals(other, message);
            if (!isAmbiguous && _strategy.Choose(_consumers, message) is { } consumer) Deliver(message, consumer);
            else if (!isAmbiguous && !_strategy.DependsOnMessage) return false;
            node = next;
        }
        return true;
    }

    private void Deliver(Message message, Consumer consumer)
    {
        Unwait(message);
        message.Holder = consumer;
        message.Deliveries++;
        message.DeliveredAt = time.GetTimestamp();
        _delivered[message.Id] = message;
        _inFlight.AddLast(message.Node);
        DeliveredCount++;
        consumer.Statistics.Deliver();
        consumer.Take(message);
    }

    private void Fail(Message message, string reason)
    {
        if (message.Retries >= settings.RetryCountMax)
        {
            Park(message, FormattableString.Invariant($"{reason} It was delivered {message.Deliveries} times."));
            return;
        }
        Unhold(message);
        message.Retries++;
        Wait(_failed, message);
    }

    private void Park(Message message, string reason)
    {
        Unhold(message);
        message.IsParking = true;
        _parking++;
        _toPark.Enqueue(new ParkRequest(message, reason));
    }

    private void Finish(Message message)
    {
        _delivered.Remove(message.Id);
        (message.IsReplay ? Parked : Source).Handle(message.Sequence);
    }

    private void Wait(LinkedList<Message> list, Message message)
    {
        list.AddLast(message.Node);
        _bufferedBytes += message.Bytes;
    }

    private void Unwait(Message message)
    {
        message.Node.List!.Remove(message.Node);
        _bufferedBytes -= message.Bytes;
    }

    // An answer may also come after a timeout, when the message waits again.
    private void Unhold(Message message)
    {
        if (message.Holder is null)
        {
            Unwait(message);
            return;
        }
        _inFlight.Remove(message.Node);
        message.Holder.Release(message);
        message.Holder = null;
    }
}

/// <summary>What whoever runs a group owes it.</summary>
/// <param name="Write">Whether messages wait to be parked or progress to be stored.</param>
/// <param name="Next">How long until time alone makes something of it; null when never.</param>
internal readonly record struct GroupDuties(bool Write, TimeSpan? Next);
