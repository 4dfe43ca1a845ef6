using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using EventFeatures.Log.EmbeddedNode.Storage;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace EventFeatures.UnitTests.Log.PersistentSubscriptions;

/// <summary>A group on a clock that stands still, and what it needs around it.</summary>
internal sealed class GroupBench
{
    public GroupBench(GroupSettings? settings = null)
    {
        Group = new Group(settings ?? Settings, new Progress(-1), new Progress(-1), Clock);
    }

    public static GroupSettings Settings { get; } = new() { RetryCountMax = 2, CheckpointCountMin = 2, CheckpointCountMax = 5 };

    public FakeTimeProvider Clock { get; } = new();

    public Group Group { get; }

    public static Message Message(long revision, string stream = "card-1", Guid? id = null, bool isReplay = false) =>
        new(Stored(revision, stream, id), null, revision, isReplay);

    public static StoredEvent Stored(long revision, string stream = "card-1", Guid? id = null, string type = "Tested", string data = "{}") =>
        new(stream, type, id ?? Guid.NewGuid(), isJson: true, System.Text.Encoding.UTF8.GetBytes(data), default) { Revision = revision, Position = revision + 1 };

    public FakeConsumer Connect(int bufferSize = 10, ulong salt = 1)
    {
        var consumer = new FakeConsumer(bufferSize, salt);
        Group.Connect(consumer);
        return consumer;
    }

    public List<Message> Offer(int first, int count)
    {
        var messages = Enumerable.Range(first, count).Select(revision => Message(revision)).ToList();
        Group.Offer(messages);
        return messages;
    }

    /// <summary>Parks all that is to be parked; gives what was.</summary>
    public List<ParkRequest> ParkAll()
    {
        List<ParkRequest> parked = [];
        while (Group.ToPark.TryDequeue(out var request))
        {
            parked.Add(request);
            Group.FinishParking(request.Message);
        }
        return parked;
    }
}

/// <summary>A consumer that keeps what it was sent.</summary>
internal sealed class FakeConsumer(int bufferSize, ulong salt = 1) : Consumer(bufferSize, salt)
{
    private readonly Queue<Delivery> _unsent = new();

    /// <summary>Everything it was ever sent, in order, that was still meant for it.</summary>
    public List<Delivery> Received { get; } = [];

    public IEnumerable<long> Revisions => Received.Select(delivery => delivery.Message.Sequence);

    public RpcException? Dropped { get; private set; }

    /// <summary>Whether deliveries stay in its queue until <see cref="Drain"/>.</summary>
    public bool IsSlow { get; init; }

    public override void Drop(RpcException reason) => Dropped = reason;

    /// <summary>Sends what is queued.</summary>
    public void Drain(Group group)
    {
        while (_unsent.TryDequeue(out var delivery))
            if (group.BeginSend(this, delivery)) Received.Add(delivery);
    }

    protected override void Send(Delivery delivery)
    {
        if (IsSlow) _unsent.Enqueue(delivery);
        else if (BeginSend(delivery)) Received.Add(delivery);
    }
}
