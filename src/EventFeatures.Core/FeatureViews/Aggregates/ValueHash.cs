using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>A 64-bit hash of a value's content that is the same on every machine and for ever, for use in sketches.</summary>
internal static class ValueHash
{
    // The fractional part of the golden ratio; a part of every view's meaning, never to change.
    private const ulong Seed = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(in Value value)
    {
        var hash = Mix(Seed ^ (ulong)value.Kind);
        return value.Kind switch
        {
            ValueKind.String => OfText(hash, value.String),
            ValueKind.Decimal => OfDecimal(hash, value.Decimal),
            ValueKind.Number => Mix(hash ^ BitConverter.DoubleToUInt64Bits(value.Number)),
            ValueKind.Boolean => Mix(hash ^ (value.Boolean ? 1UL : 0)),
            ValueKind.Date => Mix(hash ^ (ulong)value.Date.DayNumber),
            ValueKind.Timestamp => Mix(hash ^ (ulong)value.Timestamp.Microseconds),
            ValueKind.Integer => Mix(hash ^ (ulong)value.Integer),
            _ => throw new ArgumentException($"Values of kind {value.Kind} are not hashed."),
        };
    }

    private static ulong OfText(ulong hash, string text)
    {
        hash = Mix(hash ^ (ulong)text.Length);
        var at = 0;
        for (; at + 4 <= text.Length; at += 4)
            hash = Mix(hash ^ (text[at] | ((ulong)text[at + 1] << 16) | ((ulong)text[at + 2] << 32) | ((ulong)text[at + 3] << 48)));
        for (; at < text.Length; at++) hash = Mix(hash ^ text[at]);
        return hash;
    }

    private static ulong OfDecimal(ulong hash, decimal number)
    {
        Span<int> words = stackalloc int[4];
        decimal.GetBits(number, words);
        foreach (var word in words) hash = Mix(hash ^ (uint)word);
        return hash;
    }

    // The finaliser of splitmix64 (Steele, Lea and Flood, 2014): every input bit reaches every output bit.
    private static ulong Mix(ulong bits)
    {
        bits += Seed;
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }
}
