using System.Buffers.Binary;

namespace EventFeatures.Benchmarks;

/// <summary>
/// Ids of events that no run has had. Half of an id is the run's, the rest is counted: what random ids cost the kernel is no
/// part of what is measured, neither of the log nor of its limit.
/// </summary>
internal static class EventIds
{
    private static readonly ulong Run = BinaryPrimitives.ReadUInt64LittleEndian(Guid.NewGuid().ToByteArray());

    private static long _last;

    public static Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Run);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Interlocked.Increment(ref _last));
        return new Guid(bytes, bigEndian: true);
    }
}
