using EventFeatures.Log.Protocol;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>Reads the events that a batch proposes where they lie. One reader for all of a message.</summary>
/// <param name="copies">Whether payloads are copied, so that they outlive the message.</param>
internal sealed class ProposedMessageReader(bool copies)
{
    // Tags: field number times eight, plus 2 for a length-delimited field.
    private const uint Id = 1 << 3 | 2;
    private const uint Property = 2 << 3 | 2;
    private const uint Metadata = 3 << 3 | 2;
    private const uint Data = 4 << 3 | 2;
    private const uint Key = 1 << 3 | 2;
    private const uint Value = 2 << 3 | 2;

    // Most events of a batch have one type, whose text is made once.
    private string _type = "";
    private ReadOnlyMemory<byte> _typeBytes;

    /// <summary>Adds an event, whose payloads are parts of its message unless they are copied.</summary>
    /// <exception cref="MalformedMessageException">It is no message.</exception>
    /// <exception cref="RpcException">It is refused.</exception>
    public void AddTo(ProposedEvents events, ReadOnlyMemory<byte> message)
    {
        var id = new UuidReader();
        string? type = null;
        bool? isJson = null;
        ReadOnlyMemory<byte> data = default, metadata = default;
        var fields = new FieldReader(message.Span);
        while (fields.TryNext(out var tag))
        {
            switch (tag)
            {
                case Id:
                    id.Read(fields.Bytes());
                    break;
                case Property:
                    ReadProperty(message[fields.Place()], ref type, ref isJson);
                    break;
                case Metadata:
                    metadata = message[fields.Place()];
                    break;
                case Data:
                    data = message[fields.Place()];
                    break;
                default:
                    fields.Skip(tag);
                    break;
            }
        }
        events.Add(id.Id, type, isJson, Kept(data), Kept(metadata));
    }

    private ReadOnlyMemory<byte> Kept(ReadOnlyMemory<byte> payload) => copies ? payload.ToArray() : payload;

    private void ReadProperty(ReadOnlyMemory<byte> entry, ref string? type, ref bool? isJson)
    {
        ReadOnlySpan<byte> key = default;
        ReadOnlyMemory<byte> value = default;
        var fields = new FieldReader(entry.Span);
        while (fields.TryNext(out var tag))
        {
            switch (tag)
            {
                case Key:
                    key = fields.Bytes();
                    FieldReader.RequireText(key);
                    break;
                case Value:
                    value = entry[fields.Place()];
                    FieldReader.RequireText(value.Span);
                    break;
                default:
                    fields.Skip(tag);
                    break;
            }
        }
        if (key.SequenceEqual("type"u8)) type = TypeOf(value);
        else if (key.SequenceEqual("content-type"u8)) isJson = value.Span.SequenceEqual("application/json"u8);
    }

    private string TypeOf(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.SequenceEqual(_typeBytes.Span)) return _type;
        _typeBytes = bytes;
        return _type = FieldReader.Text(bytes.Span);
    }
}
