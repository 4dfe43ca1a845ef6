using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// One connected consumer, as its group sees it. It never has more events than its buffer, nor more bytes than
/// <see cref="BytesMax"/> unless a single event is larger.
/// </summary>
internal abstract class Consumer(int bufferSize, ulong salt)
{
    /// <summary>The largest buffer that is granted; more is cut to it.</summary>
    public const int BufferSizeMax = 10_000;

    private const long BytesMax = 64L * 1024 * 1024;

    private int _unsent;

    public int BufferSize { get; } = Math.Min(bufferSize, BufferSizeMax);

    /// <summary>A number of its own, which decides the keys that are pinned to it.</summary>
    public ulong Salt { get; } = salt;

    /// <summary>Delivered and not answered.</summary>
    public int InFlight { get; private set; }

    public long BytesInFlight { get; private set; }

    public ConsumerStatistics Statistics { get; } = new();

    public bool HasRoom => InFlight < BufferSize && _unsent < BufferSize && (BytesInFlight < BytesMax || InFlight == 0);

    /// <summary>Gives it a message; it only queues.</summary>
    public void Take(Message message)
    {
        InFlight++;
        _unsent++;
        BytesInFlight += message.Bytes;
        Send(new Delivery(message, message.Deliveries, message.Retries));
    }

    /// <summary>Takes a message back.</summary>
    public void Release(Message message)
    {
        InFlight--;
        BytesInFlight -= message.Bytes;
    }

    /// <summary>A delivery has left the queue; whether it is still meant for this consumer.</summary>
    public bool BeginSend(Delivery delivery)
    {
        _unsent--;
        return ReferenceEquals(delivery.Message.Holder, this) && delivery.Message.Deliveries == delivery.Number;
    }

    /// <summary>Ends the consumer's call with a status.</summary>
    public abstract void Drop(RpcException reason);

    /// <summary>Queues a delivery. Must neither block nor throw.</summary>
    protected abstract void Send(Delivery delivery);
}
