using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// A hash of event ids in which every bit depends on every bit of the id: ids that are counted, or made of a time, lie as
/// far apart in a table as random ones. It differs from process to process, so that no caller can foresee which ids lie together.
/// </summary>
/// <remarks>The two mixing steps are those of MurmurHash3's 64-bit finaliser (Austin Appleby, public domain).</remarks>
internal static class EventIdHash
{
    private static readonly ulong Seed = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static ulong Of(Guid id)
    {
        var halves = MemoryMarshal.Cast<Guid, ulong>(MemoryMarshal.CreateReadOnlySpan(ref id, 1));
        return Mix(Mix(halves[0] ^ Seed) + BitOperations.RotateLeft(halves[1], 32));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDUL;
        value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53UL;
        return value ^ (value >> 33);
    }
}
