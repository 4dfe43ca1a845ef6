using System.Text;

namespace EventFeatures.Log.Protocol;

/// <summary>
/// Reads texts of which many are the same, such as events' types, as one string each. It remembers so few of them, each
/// in the one place that its bytes give, that what a hostile log sends costs no memory.
/// </summary>
internal static class RepeatedTexts
{
    private const int Places = 64;
    private const int BytesMax = 100;

    // Read and replaced as a whole, by any thread.
    private static readonly Known?[] Remembered = new Known?[Places];

    public static string Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > BytesMax) return Encoding.UTF8.GetString(utf8);
        ref var place = ref Remembered[(utf8.Length * 31 + utf8[0] * 7 + utf8[^1] * 13 + utf8[utf8.Length / 2]) % Places];
        var known = Volatile.Read(ref place);
        if (known is not null && known.Utf8.AsSpan().SequenceEqual(utf8)) return known.Text;
        var text = Encoding.UTF8.GetString(utf8);
        Volatile.Write(ref place, new Known(utf8.ToArray(), text));
        return text;
    }

    private sealed record Known(byte[] Utf8, string Text);
}
