using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.State;

/// <summary>Writes a state's bytes: variable-length integers, lengths before contents, and one spelling for each value.</summary>
public sealed class StateWriter
{
    private byte[] _bytes = new byte[256];
    private int _length;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Appends one byte.</summary>
    public void WriteByte(byte value) => Room(1)[0] = value;

    /// <summary>Appends bytes as they are.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>Appends an unsigned integer, seven bits a byte, least significant first.</summary>
    public void WriteUnsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7) WriteByte((byte)(value | 0x80));
        WriteByte((byte)value);
    }

    /// <summary>Appends a signed integer; near to zero is short.</summary>
    public void WriteSigned(long value) => WriteUnsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Appends eight bytes, little-endian.</summary>
    public void WriteBits(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    /// <summary>Appends an id.</summary>
    public void WriteGuid(Guid value) => value.TryWriteBytes(Room(16));

    /// <summary>Appends text as its length in bytes and its UTF-8.</summary>
    public void WriteText(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        WriteUnsigned((ulong)count);
        Encoding.UTF8.GetBytes(value, Room(count));
    }

    /// <summary>Appends an integer of any size.</summary>
    public void WriteBig(BigInteger value)
    {
        var count = value.IsZero ? 0 : value.GetByteCount();
        WriteUnsigned((ulong)count);
        if (count > 0) value.TryWriteBytes(Room(count), out _);
    }

    /// <summary>Appends an instant.</summary>
    public void WriteInstant(Instant value) => WriteSigned(value.Microseconds);

    /// <summary>Appends a place in the order of folding.</summary>
    public void WritePlace(Place value)
    {
        WriteInstant(value.OccurredAt);
        WriteUnsigned(value.Position.Value);
    }

    /// <summary>Appends a value with its kind.</summary>
    public void WriteValue(in Value value)
    {
        WriteByte((byte)value.Kind);
        switch (value.Kind)
        {
            case ValueKind.Null: break;
            case ValueKind.Integer: WriteSigned(value.Integer); break;
            case ValueKind.Number: WriteBits(BitConverter.DoubleToInt64Bits(value.Number)); break;
            case ValueKind.Decimal: WriteDecimal(value.Decimal); break;
            case ValueKind.Boolean: WriteByte(value.Boolean ? (byte)1 : (byte)0); break;
            case ValueKind.String: WriteText(value.String); break;
            case ValueKind.Timestamp: WriteInstant(value.Timestamp); break;
            case ValueKind.Date: WriteSigned(value.Date.DayNumber); break;
            case ValueKind.Array:
                WriteUnsigned((ulong)value.Elements.Count);
                foreach (var element in value.Elements) WriteValue(element);
                break;
            case ValueKind.Object:
                WriteUnsigned((ulong)value.Members.Count);
                foreach (var (name, member) in value.Members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    WriteText(name);
                    WriteValue(member);
                }
                break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private void WriteDecimal(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        WriteByte((byte)((bits[3] >> 16) & 0xFF));
        WriteBig(DecimalMantissa.Of(bits, value < 0));
    }

    private Span<byte> Room(int count)
    {
        if (_length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
