using System.Globalization;

namespace EventFeatures.Core.Time.Zones;

/// <summary>
/// Two changes of the clock in every year, as POSIX writes them: <c>CET-1CEST,M3.5.0,M10.5.0/3</c>. Only changes on
/// the n-th weekday of a month occur in the database.
/// </summary>
internal sealed class YearlyRule
{
    private readonly int _standard;
    private readonly int _summer;
    private readonly Change _toSummer;
    private readonly Change _toStandard;

    private YearlyRule(int standard, int summer, Change toSummer, Change toStandard) =>
        (_standard, _summer, _toSummer, _toStandard) = (standard, summer, toSummer, toStandard);

    public static YearlyRule Parse(string text)
    {
        var parts = text.Split(',');
        var at = 0;
        SkipName(parts[0], ref at);
        var standard = -Time(parts[0], ref at);
        SkipName(parts[0], ref at);
        var summer = at < parts[0].Length ? -Time(parts[0], ref at) : standard + 3_600;
        return new YearlyRule(standard, summer, Change.Parse(parts[1]), Change.Parse(parts[2]));
    }

    /// <summary>What is in force at a Unix time in seconds.</summary>
    public ZoneSpan SpanAt(long seconds)
    {
        // A change belongs to its local year, which may begin a day before or after UTC's.
        var year = Math.Min(DateTime.UnixEpoch.AddSeconds(seconds).Year, DateTime.MaxValue.Year);
        var (start, offset) = (long.MinValue, 0);
        for (var candidate = year - 1; candidate <= Math.Min(year + 1, DateTime.MaxValue.Year); candidate++)
        {
            var (summer, standard) = (_toSummer.In(candidate) - _standard, _toStandard.In(candidate) - _summer);
            (long At, int Offset)[] changes = summer < standard ? [(summer, _summer), (standard, _standard)] : [(standard, _standard), (summer, _summer)];
            foreach (var change in changes)
            {
                if (change.At > seconds) return new ZoneSpan(start, change.At, offset);
                (start, offset) = (change.At, change.Offset);
            }
        }
        return new ZoneSpan(start, long.MaxValue, offset);
    }

    private static void SkipName(string text, ref int at)
    {
        if (text[at] == '<') at = text.IndexOf('>', at) + 1;
        else while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
    }

    // [+-]h[:m[:s]] in seconds.
    private static int Time(string text, ref int at)
    {
        var sign = text[at] == '-' ? -1 : 1;
        if (text[at] is '-' or '+') at++;
        var total = 0;
        for (var unit = 3_600; unit > 0; unit /= 60)
        {
            var from = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            total += int.Parse(text.AsSpan(from, at - from), NumberStyles.None, CultureInfo.InvariantCulture) * unit;
            if (at == text.Length || text[at] != ':') break;
            at++;
        }
        return sign * total;
    }

    /// <summary>A change at a local time on the n-th weekday of a month; the fifth is the last.</summary>
    private readonly record struct Change(int Month, int Week, int Weekday, int Second)
    {
        public static Change Parse(string text)
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            var at = slash + 1;
            int[] day = [.. text[1..(slash < 0 ? text.Length : slash)].Split('.').Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))];
            return new Change(day[0], day[1], day[2], slash < 0 ? 2 * 3_600 : Time(text, ref at));
        }

        /// <summary>Seconds from 1970 on the clock before the change.</summary>
        public long In(int year)
        {
            var first = new DateTime(year, Month, 1, 0, 0, 0, DateTimeKind.Utc);
            var day = 1 + (Weekday - (int)first.DayOfWeek + 7) % 7 + (Week - 1) * 7;
            if (day > DateTime.DaysInMonth(year, Month)) day -= 7;
            return (long)(first - DateTime.UnixEpoch).TotalSeconds + (day - 1) * 86_400L + Second;
        }
    }
}
