using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>The lengths of an event's nested messages, which precede them on the wire.</summary>
internal readonly struct EventSize
{
    /// <summary>Characters of a UUID in text form.</summary>
    public const int UuidText = 36;

    public EventSize(StoredEvent stored, bool structuredId)
    {
        StreamName = Encoding.UTF8.GetByteCount(stored.Stream);
        Type = Encoding.UTF8.GetByteCount(stored.Type);
        CreatedDigits = Digits(stored.CreatedMicroseconds * 10);
        Uuid = structuredId ? Structured(stored.Id) : 2 + UuidText;
        Identifier = Field(StreamName);
        Recorded = Field(Uuid) + Field(Identifier)
            + Number(stored.Revision) + 2 * Number(stored.Position)
            + Field(Entry("type".Length, Type))
            + Field(Entry("content-type".Length, stored.IsJson ? "application/json".Length : "application/octet-stream".Length))
            + Field(Entry("created".Length, CreatedDigits))
            + Field(stored.Metadata.Length) + Field(stored.Data.Length);
        Position = Number(stored.Position);
    }

    public int StreamName { get; }
    public int Type { get; }
    public int CreatedDigits { get; }
    public int Uuid { get; }
    public int Identifier { get; }
    public int Recorded { get; }

    /// <summary>The field of the event's position beside the event.</summary>
    public int Position { get; }

    /// <summary>Length of a map entry's message.</summary>
    public static int Entry(int key, int value) => Field(key) + Field(value);

    /// <summary>Bytes of a number as a varint.</summary>
    public static int Varint(ulong value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>Bytes of a length-delimited field.</summary>
    public static int Field(int length) => 1 + Varint((ulong)length) + length;

    private static int Number(long value) => 1 + Varint((ulong)value);

    private static int Structured(Guid id)
    {
        Span<byte> halves = stackalloc byte[16];
        id.TryWriteBytes(halves, bigEndian: true, out _);
        return 2 + 2 + Varint(BinaryPrimitives.ReadUInt64BigEndian(halves)) + Varint(BinaryPrimitives.ReadUInt64BigEndian(halves[8..]));
    }

    private static int Digits(long value)
    {
        var digits = value < 0 ? 2 : 1;
        for (; value is > 9 or < -9; value /= 10) digits++;
        return digits;
    }
}
