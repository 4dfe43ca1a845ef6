using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace EventFeatures.Log.Protocol;

/// <summary>Protobuf fields written one after the other into a span that is large enough; a tag is the field's number times eight plus its wire type.</summary>
/// <param name="target">Where to.</param>
public ref struct FieldWriter(Span<byte> target)
{
    private const byte Key = 1 << 3 | 2;
    private const byte Value = 2 << 3 | 2;
    private const byte Structured = 1 << 3 | 2;
    private const byte MostSignificant = 1 << 3;
    private const byte LeastSignificant = 2 << 3;

    private Span<byte> _rest = target;

    /// <summary>A tag and a length, for a nested message that follows.</summary>
    public void Length(byte tag, int length) => Varint(tag, (ulong)length);

    /// <summary>A number of variable length.</summary>
    public void Varint(byte tag, ulong value)
    {
        _rest[0] = tag;
        _rest = _rest[1..];
        Varint(value);
    }

    /// <summary>The same without a tag, for one of several numbers in a packed field.</summary>
    public void Varint(ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7) _rest[at++] = (byte)(value | 0x80);
        _rest[at++] = (byte)value;
        _rest = _rest[at..];
    }

    /// <summary>A double.</summary>
    public void Double(byte tag, double value)
    {
        _rest[0] = tag;
        BinaryPrimitives.WriteDoubleLittleEndian(_rest[1..], value);
        _rest = _rest[9..];
    }

    /// <summary>Room for what writes itself.</summary>
    public Span<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    /// <summary>A field of bytes.</summary>
    public void Bytes(byte tag, ReadOnlySpan<byte> bytes)
    {
        Length(tag, bytes.Length);
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }

    /// <summary>A field of text.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="text">The text.</param>
    /// <param name="length">Its bytes in UTF-8.</param>
    public void Text(byte tag, string text, int length)
    {
        Length(tag, length);
        Encoding.UTF8.GetBytes(text, _rest);
        _rest = _rest[length..];
    }

    /// <summary>The fields of a UUID message in the structured form.</summary>
    /// <param name="id">The id.</param>
    /// <param name="size">What <see cref="FieldSize.StructuredUuid"/> says of it.</param>
    internal void StructuredUuid(Guid id, int size)
    {
        Span<byte> halves = stackalloc byte[16];
        id.TryWriteBytes(halves, bigEndian: true, out _);
        Length(Structured, size - 2);
        Varint(MostSignificant, BinaryPrimitives.ReadUInt64BigEndian(halves));
        Varint(LeastSignificant, BinaryPrimitives.ReadUInt64BigEndian(halves[8..]));
    }

    internal void UuidText(Guid id)
    {
        id.TryFormat(_rest, out var written);
        _rest = _rest[written..];
    }

    internal void Entry(byte tag, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Length(tag, FieldSize.Entry(key.Length, value.Length));
        Bytes(Key, key);
        Bytes(Value, value);
    }

    internal void Entry(byte tag, ReadOnlySpan<byte> key, string value, int length)
    {
        Length(tag, FieldSize.Entry(key.Length, length));
        Bytes(Key, key);
        Text(Value, value, length);
    }

    /// <summary>A map entry whose value is a number in decimal.</summary>
    internal void TicksEntry(byte tag, ReadOnlySpan<byte> key, long value, int digits)
    {
        Length(tag, FieldSize.Entry(key.Length, digits));
        Bytes(Key, key);
        Length(Value, digits);
        Utf8Formatter.TryFormat(value, _rest, out var written);
        _rest = _rest[written..];
    }
}
