using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace EventFeatures.Log.Protocol;

/// <summary>The two forms of a UUID on the wire, which name the same 16 bytes.</summary>
internal static class Uuids
{
    /// <summary>The structured form: two big-endian halves.</summary>
    public static UUID Structured(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return new UUID
        {
            Structured = new UUID.Types.Structured
            {
                MostSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes),
                LeastSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            },
        };
    }

    /// <summary>The text form.</summary>
    public static UUID Text(Guid id) => new() { String = id.ToString() };

    /// <summary>Reads either form; false when there is none or the text is no UUID.</summary>
    public static bool TryRead([NotNullWhen(true)] UUID? uuid, out Guid id)
    {
        id = Guid.Empty;
        switch (uuid?.ValueCase)
        {
            case UUID.ValueOneofCase.Structured:
                Span<byte> bytes = stackalloc byte[16];
                BinaryPrimitives.WriteInt64BigEndian(bytes, uuid.Structured.MostSignificantBits);
                BinaryPrimitives.WriteInt64BigEndian(bytes[8..], uuid.Structured.LeastSignificantBits);
                id = new Guid(bytes, bigEndian: true);
                return true;
            case UUID.ValueOneofCase.String:
                return Guid.TryParse(uuid.String, out id);
            default:
                return false;
        }
    }
}
