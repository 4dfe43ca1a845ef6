namespace EventFeatures.Core.Time;

/// <summary>
/// Reads <c>yyyy-MM-ddTHH:mm[:ss[.f…]](Z|±HH[:]mm)</c>. Written by hand because every event passes through it, and
/// because the library's formats also take a time without an offset for a local one.
/// </summary>
internal static class InstantText
{
    /// <summary>No valid time is longer, even with a run of zeros after the point.</summary>
    public const int LengthMax = 64;

    public static bool TryParse(ReadOnlySpan<byte> text, out Instant instant)
    {
        instant = default;
        if (text.Length is < 17 or > LengthMax) return false;
        if (!TryDate(text[..10], out var date) || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')) return false;
        if (!Two(text, 11, out var hour) || text[13] != ':' || !Two(text, 14, out var minute) || hour > 23 || minute > 59) return false;
        var at = 16;
        if (!TrySeconds(text, ref at, out var second, out var micros) || !TryOffset(text[at..], out var offsetMinutes)) return false;
        var days = (long)date.DayNumber - UnixEpochDay;
        var seconds = days * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second;
        instant = new Instant(seconds * 1_000_000 + micros);
        return instant >= Instant.MinValue && instant <= Instant.MaxValue;
    }

    /// <summary>Reads <c>yyyy-MM-dd</c>.</summary>
    public static bool TryDate(ReadOnlySpan<byte> text, out DateOnly date)
    {
        date = default;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-') return false;
        if (!Two(text, 0, out var century) || !Two(text, 2, out var year) || !Two(text, 5, out var month) || !Two(text, 8, out var day)) return false;
        year += century * 100;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    private static bool TrySeconds(ReadOnlySpan<byte> text, ref int at, out int second, out int micros)
    {
        second = micros = 0;
        if (text[at] != ':') return true;
        if (!Two(text, at + 1, out second) || second > 59) return false;
        at += 3;
        if (at >= text.Length || text[at] != '.') return at < text.Length;
        var digits = 0;
        for (at++; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, digits++)
        {
            if (digits < 6) micros = micros * 10 + (text[at] - '0');
            else if (text[at] != '0') return false;
        }
        for (var i = digits; i < 6; i++) micros *= 10;
        return digits > 0 && at < text.Length;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1) return text[0] is (byte)'Z' or (byte)'z';
        if (text.Length is not (5 or 6) || text[0] is not ((byte)'+' or (byte)'-')) return false;
        if (text.Length == 6 && text[3] != ':') return false;
        if (!Two(text, 1, out var hour) || !Two(text, text.Length - 2, out var minute) || minute > 59) return false;
        minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
        return hour * 60 + minute <= 14 * 60;
    }

    private static bool Two(ReadOnlySpan<byte> text, int at, out int number)
    {
        number = 0;
        if (at + 1 >= text.Length) return false;
        var tens = text[at] - '0';
        var ones = text[at + 1] - '0';
        number = tens * 10 + ones;
        return (uint)tens <= 9 && (uint)ones <= 9;
    }

    private static readonly int UnixEpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
}
