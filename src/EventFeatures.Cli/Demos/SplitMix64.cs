namespace EventFeatures.Cli.Demos;

/// <summary>
/// A small generator whose numbers will never change with the platform's library, so that a seed names one
/// stream of events for ever. Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
/// </summary>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Evenly in [0, 1).</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Evenly in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public double Between(double from, double to) => from + (to - from) * Fraction();

    /// <summary>A whole number in [<paramref name="from"/>, <paramref name="to"/>], both included.</summary>
    public int Whole(int from, int to) => from + (int)Math.BigMul(Next(), (ulong)(to - from + 1), out _);

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => Fraction() < probability;

    /// <summary>An exponential waiting time.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Fraction());

    /// <summary>Close to a standard normal, within 6: twelve even numbers summed, which needs no library function.</summary>
    public double Normal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++) sum += Fraction();
        return sum;
    }

    /// <summary>One of them, evenly.</summary>
    public T Pick<T>(IReadOnlyList<T> choices) => choices[Whole(0, choices.Count - 1)];

    /// <summary>A version 4 UUID.</summary>
    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, Next());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Next());
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
