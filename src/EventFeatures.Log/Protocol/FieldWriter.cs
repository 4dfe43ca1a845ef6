using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace EventFeatures.Log.Protocol;

/// <summary>Protobuf fields written one after the other into a span that is large enough.</summary>
internal ref struct FieldWriter(Span<byte> target)
{
    private const byte Key = 1 << 3 | 2;
    private const byte Value = 2 << 3 | 2;
    private const byte Structured = 1 << 3 | 2;
    private const byte MostSignificant = 1 << 3;
    private const byte LeastSignificant = 2 << 3;

    private Span<byte> _rest = target;

    /// <summary>A tag and a length, for a nested message that follows.</summary>
    public void Length(byte tag, int length) => Varint(tag, (ulong)length);

    public void Varint(byte tag, ulong value)
    {
        _rest[0] = tag;
        var at = 1;
        for (; value >= 0x80; value >>= 7) _rest[at++] = (byte)(value | 0x80);
        _rest[at++] = (byte)value;
        _rest = _rest[at..];
    }

    public void Bytes(byte tag, ReadOnlySpan<byte> bytes)
    {
        Length(tag, bytes.Length);
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }

    public void Text(byte tag, string text, int length)
    {
        Length(tag, length);
        Encoding.UTF8.GetBytes(text, _rest);
        _rest = _rest[length..];
    }

    /// <summary>The fields of a UUID message in the structured form.</summary>
    /// <param name="id">The id.</param>
    /// <param name="size">What <see cref="FieldSize.StructuredUuid"/> says of it.</param>
    public void StructuredUuid(Guid id, int size)
    {
        Span<byte> halves = stackalloc byte[16];
        id.TryWriteBytes(halves, bigEndian: true, out _);
        Length(Structured, size - 2);
        Varint(MostSignificant, BinaryPrimitives.ReadUInt64BigEndian(halves));
        Varint(LeastSignificant, BinaryPrimitives.ReadUInt64BigEndian(halves[8..]));
    }

    public void UuidText(Guid id)
    {
        id.TryFormat(_rest, out var written);
        _rest = _rest[written..];
    }

    public void Entry(byte tag, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Length(tag, FieldSize.Entry(key.Length, value.Length));
        Bytes(Key, key);
        Bytes(Value, value);
    }

    public void Entry(byte tag, ReadOnlySpan<byte> key, string value, int length)
    {
        Length(tag, FieldSize.Entry(key.Length, length));
        Bytes(Key, key);
        Text(Value, value, length);
    }

    /// <summary>A map entry whose value is a number in decimal.</summary>
    public void TicksEntry(byte tag, ReadOnlySpan<byte> key, long value, int digits)
    {
        Length(tag, FieldSize.Entry(key.Length, digits));
        Bytes(Key, key);
        Length(Value, digits);
        Utf8Formatter.TryFormat(value, _rest, out var written);
        _rest = _rest[written..];
    }
}
