using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// One event on its way through a group, from when it is read until it is acknowledged, skipped or parked.
/// </summary>
/// <param name="source">What the source holds: the event, or a link to it. Its id is the one that consumers answer with.</param>
/// <param name="target">What the link points to; null for an event itself and for a link that does not resolve.</param>
/// <param name="sequence">Its place: a revision of a stream, a position of the whole log, or a revision of the parked stream.</param>
/// <param name="isReplay">Whether it was parked before and comes from there.</param>
internal sealed class Message(StoredEvent source, StoredEvent? target, long sequence, bool isReplay)
{
    public StoredEvent Source { get; } = source;
    public StoredEvent? Target { get; set; } = target;
    public long Sequence { get; } = sequence;
    public bool IsReplay { get; } = isReplay;

    public Guid Id => Source.Id;

    /// <summary>Whether consumers get the source as a link rather than as the event.</summary>
    public bool IsLink { get; init; }

    public int Bytes => Source.Bytes + (Target?.Bytes ?? 0);

    /// <summary>How often it has failed so far, which consumers are told.</summary>
    public int Retries { get; set; }

    /// <summary>Counts deliveries, so that one that was overtaken by a timeout is known as stale.</summary>
    public int Deliveries { get; set; }

    /// <summary>Who has it now; null while it waits.</summary>
    public Consumer? Holder { get; set; }

    /// <summary>When it was given to its holder, as a timestamp of the clock.</summary>
    public long DeliveredAt { get; set; }

    public bool IsParking { get; set; }

    /// <summary>Its entry in the one list that it is in, of waiting or of delivered messages.</summary>
    public LinkedListNode<Message> Node => _node ??= new LinkedListNode<Message>(this);

    /// <summary>The hash of what it is pinned by, once computed.</summary>
    public ulong? PinHash { get; set; }

    private LinkedListNode<Message>? _node;
}

/// <summary>A message as it was given to a consumer at one time.</summary>
internal readonly record struct Delivery(Message Message, int Number, int Retries);

/// <summary>A message that has to be parked, and why.</summary>
internal readonly record struct ParkRequest(Message Message, string Reason);
