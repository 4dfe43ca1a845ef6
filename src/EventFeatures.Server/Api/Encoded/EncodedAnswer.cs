using System.Buffers;
using EventFeatures.Log.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Server.Api.Encoded;

/// <summary>
/// An answer as the bytes that go over the wire, written field by field and sent once. What it is written into is rented,
/// and given back when it is sent; one that is never sent is left to the collector.
/// </summary>
/// <param name="bytes">How long it will be, about.</param>
internal sealed class EncodedAnswer(int bytes)
{
    private byte[] _rented = ArrayPool<byte>.Shared.Rent(bytes);
    private int _length;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _rented.AsSpan(0, _length);

    /// <summary>Room for fields that are so many bytes long together.</summary>
    public FieldWriter Room(int length)
    {
        if (_rented.Length - _length < length) Grow(length);
        var room = new FieldWriter(_rented.AsSpan(_length, length));
        _length += length;
        return room;
    }

    /// <summary>A field of text.</summary>
    public void Text(byte tag, string text)
    {
        var length = System.Text.Encoding.UTF8.GetByteCount(text);
        Room(FieldSize.Field(length)).Text(tag, text, length);
    }

    /// <summary>A nested message that its own code writes.</summary>
    public void Message(byte tag, IMessage message)
    {
        var length = message.CalculateSize();
        var room = Room(FieldSize.Field(length));
        room.Length(tag, length);
        message.WriteTo(room.Take(length));
    }

    /// <summary>Fields that were encoded before.</summary>
    public void Fields(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Room(encoded.Length).Take(encoded.Length));

    /// <summary>Sends it, after which it is gone.</summary>
    public void Send(SerializationContext context)
    {
        context.SetPayloadLength(_length);
        context.GetBufferWriter().Write(Written);
        context.Complete();
        ArrayPool<byte>.Shared.Return(_rented);
        (_rented, _length) = ([], 0);
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _rented.Length, _length + length));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
