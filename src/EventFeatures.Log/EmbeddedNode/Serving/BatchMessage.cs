using System.Buffers;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>
/// One message of a batch as it came in. What it says of the batch is read by the generated messages; its events stay
/// bytes, from which their rows are made: a message for each of them would cost more than all else that the node does
/// for an append. The bytes are pooled; whoever is done with them calls <see cref="Release"/>.
/// </summary>
internal sealed class BatchMessage
{
    /// <summary>Reads messages; the node writes none.</summary>
    public static readonly Marshaller<BatchMessage> Marshaller = Marshallers.Create<BatchMessage>(
        (_, _) => throw new NotSupportedException("The node writes no batches."), context => Read(context.PayloadAsReadOnlySequence()));

    // Tags: field number times eight, plus 2 for a length-delimited field.
    private const uint Correlation = 1 << 3 | 2;
    private const uint BatchOptions = 2 << 3 | 2;
    private const uint Proposed = 3 << 3 | 2;
    private const uint Final = 4 << 3;

    private readonly List<Range> _proposed = [];
    private byte[] _bytes = [];

    public UUID? CorrelationId { get; private set; }

    public BatchAppendReq.Types.Options? Options { get; private set; }

    public bool IsFinal { get; private set; }

    /// <summary>Reads a message, but for its events, which are only found.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    /// <exception cref="InvalidProtocolBufferException">What it says of the batch is none.</exception>
    public static BatchMessage Read(in ReadOnlySequence<byte> payload)
    {
        var length = (int)payload.Length;
        var message = new BatchMessage { _bytes = ArrayPool<byte>.Shared.Rent(length) };
        payload.CopyTo(message._bytes);
        message.ReadFields(length);
        return message;
    }

    /// <summary>
    /// Adds its events. Those of the last message are encoded at once, so that their payloads may be its bytes; those of
    /// the others wait for it, and are copied, since a message can be much longer than what its events hold.
    /// </summary>
    /// <exception cref="MalformedMessageException">An event is no message.</exception>
    /// <exception cref="RpcException">An event is refused.</exception>
    public void AddTo(ProposedEvents events)
    {
        var reader = new ProposedMessageReader(copies: !IsFinal);
        foreach (var place in _proposed) reader.AddTo(events, _bytes.AsMemory(place));
    }

    /// <summary>Gives the bytes back: no event that was added may be used any more.</summary>
    public void Release()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _proposed.Clear();
    }

    private void ReadFields(int length)
    {
        var fields = new FieldReader(_bytes.AsSpan(0, length));
        while (fields.TryNext(out var tag))
        {
            switch (tag)
            {
                // A field that comes twice is one whose parts came apart.
                case Correlation:
                    (CorrelationId ??= new UUID()).MergeFrom(fields.Bytes());
                    break;
                case BatchOptions:
                    (Options ??= new BatchAppendReq.Types.Options()).MergeFrom(fields.Bytes());
                    break;
                case Proposed:
                    _proposed.Add(fields.Place());
                    break;
                case Final:
                    IsFinal = fields.Varint() != 0;
                    break;
                default:
                    fields.Skip(tag);
                    break;
            }
        }
    }
}
