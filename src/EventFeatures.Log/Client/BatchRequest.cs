using System.Buffers;
using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Log.Client;

/// <summary>
/// A batch on its way out: what is said of it once, as a message, and its events, which are encoded by hand behind that,
/// since a message for each of them costs more than all else that the client does for an append.
/// </summary>
/// <param name="Correlation">By what its answer is known.</param>
/// <param name="Head">The request without events.</param>
/// <param name="Events">The events.</param>
internal sealed record BatchRequest(Guid Correlation, BatchAppendReq Head, IReadOnlyList<EventData> Events)
{
    /// <summary>Writes requests; a client reads none.</summary>
    public static readonly Marshaller<BatchRequest> Marshaller = Marshallers.Create<BatchRequest>(
        (request, context) => request.Write(context), _ => throw new NotSupportedException("A client reads no batches."));

    /// <summary>Its length on the wire.</summary>
    public int Size() => Head.CalculateSize() + Events.Sum(data => FieldSize.Field(new EventLengths(data).Message));

    /// <summary>Writes head and events.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        Head.WriteTo(output);
        foreach (var data in Events)
        {
            var lengths = new EventLengths(data);
            var field = FieldSize.Field(lengths.Message);
            Write(data, lengths, new FieldWriter(output.GetSpan(field)));
            output.Advance(field);
        }
    }

    private void Write(SerializationContext context)
    {
        context.SetPayloadLength(Size());
        WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static void Write(EventData data, in EventLengths lengths, FieldWriter at)
    {
        at.Length(ProposedMessages, lengths.Message);
        at.Length(ProposedId, lengths.Uuid);
        at.StructuredUuid(data.EventId, lengths.Uuid);
        at.Entry(ProposedProperties, "type"u8, data.Type, lengths.Type);
        at.Entry(ProposedProperties, "content-type"u8, data.ContentType, lengths.ContentType);
        at.Bytes(ProposedMetadata, data.Metadata.Span);
        at.Bytes(ProposedData, data.Data.Span);
    }

    /// <summary>The lengths of an event's nested messages.</summary>
    private readonly struct EventLengths(EventData data)
    {
        public int Uuid { get; } = FieldSize.StructuredUuid(data.EventId);

        public int Type { get; } = Encoding.UTF8.GetByteCount(data.Type);

        public int ContentType { get; } = Encoding.UTF8.GetByteCount(data.ContentType);

        public int Message => FieldSize.Field(Uuid)
            + FieldSize.Field(FieldSize.Entry("type".Length, Type)) + FieldSize.Field(FieldSize.Entry("content-type".Length, ContentType))
            + FieldSize.Field(data.Metadata.Length) + FieldSize.Field(data.Data.Length);
    }

    // Tags: field number times eight, plus 2 for a length-delimited field.
    private const byte ProposedMessages = 3 << 3 | 2;
    private const byte ProposedId = 1 << 3 | 2;
    private const byte ProposedProperties = 2 << 3 | 2;
    private const byte ProposedMetadata = 3 << 3 | 2;
    private const byte ProposedData = 4 << 3 | 2;
}
