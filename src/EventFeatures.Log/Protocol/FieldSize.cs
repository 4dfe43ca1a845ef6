using System.Buffers.Binary;
using System.Numerics;

namespace EventFeatures.Log.Protocol;

/// <summary>The lengths of protobuf fields, which precede nested ones on the wire.</summary>
public static class FieldSize
{
    /// <summary>Length of a map entry's message.</summary>
    internal static int Entry(int key, int value) => Field(key) + Field(value);

    /// <summary>Bytes of a number as a varint.</summary>
    public static int Varint(ulong value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>Bytes of a length-delimited field.</summary>
    public static int Field(int length) => 1 + Varint((ulong)length) + length;

    /// <summary>Length of a UUID message in the structured form.</summary>
    internal static int StructuredUuid(Guid id)
    {
        Span<byte> halves = stackalloc byte[16];
        id.TryWriteBytes(halves, bigEndian: true, out _);
        return 2 + 2 + Varint(BinaryPrimitives.ReadUInt64BigEndian(halves)) + Varint(BinaryPrimitives.ReadUInt64BigEndian(halves[8..]));
    }
}
