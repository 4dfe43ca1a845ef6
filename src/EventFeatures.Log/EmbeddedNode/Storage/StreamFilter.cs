using System.Buffers.Binary;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// Which streams a part of the log has: "surely not" is always right, "perhaps" is wrong about once in a hundred. A
/// Bloom filter of ten bits a stream. Its bytes are stored, so its hash never changes.
/// </summary>
internal sealed class StreamFilter
{
    private const int BitsPerStream = 10;
    private const int Probes = 7;

    private readonly byte[] _bits;

    private StreamFilter(byte[] bits) => _bits = bits;

    /// <summary>One that has no stream yet and room for a number of them.</summary>
    public static StreamFilter WithRoomFor(long streams) => new(new byte[Math.Max(8, streams * BitsPerStream / 8)]);

    /// <summary>One as it was stored.</summary>
    public static StreamFilter FromBytes(byte[] bytes) => new(bytes);

    /// <summary>What is stored of it.</summary>
    public byte[] Bytes => _bits;

    public void Add(string stream)
    {
        var (place, step) = Hash(stream);
        for (var probe = 0; probe < Probes; probe++, place += step) _bits[ByteOf(place)] |= BitOf(place);
    }

    /// <summary>False when the part surely has no event of the stream.</summary>
    public bool MayContain(string stream)
    {
        var (place, step) = Hash(stream);
        for (var probe = 0; probe < Probes; probe++, place += step)
            if ((_bits[ByteOf(place)] & BitOf(place)) == 0) return false;
        return true;
    }

    private long ByteOf(ulong place) => (long)(place % ((ulong)_bits.Length * 8) / 8);

    private byte BitOf(ulong place) => (byte)(1 << (int)(place % ((ulong)_bits.Length * 8) % 8));

    // FNV-1a over UTF-16, then mixed, since its low bits alone are poor.
    private static (ulong Place, ulong Step) Hash(string stream)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var character in stream) hash = (hash ^ character) * 0x100000001B3UL;
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93UL;
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93UL;
        return (hash, BinaryPrimitives.ReverseEndianness(hash * 0x9E3779B97F4A7C15UL) | 1);
    }
}
