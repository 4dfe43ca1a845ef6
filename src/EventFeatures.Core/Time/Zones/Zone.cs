using System.Globalization;

namespace EventFeatures.Core.Time.Zones;

/// <summary>A time zone: how far its clocks are ahead of UTC, from the beginning of time to its end.</summary>
public sealed class Zone
{
    private const int Radix = 36;

    // From Starts[i] on, a Unix time in seconds, clocks are Offsets[i] seconds ahead of UTC; the first start is the least number.
    private readonly long[] _starts;
    private readonly int[] _offsets;
    private readonly YearlyRule? _rule;

    private Zone(long[] starts, int[] offsets, YearlyRule? rule) => (_starts, _offsets, _rule) = (starts, offsets, rule);

    /// <summary>The offset in force at a Unix time in seconds, and from when to when it is in force; the end is excluded.</summary>
    internal ZoneSpan SpanAt(long seconds)
    {
        var index = Array.BinarySearch(_starts, seconds);
        if (index < 0) index = ~index - 1;
        if (index < _starts.Length - 1) return new ZoneSpan(_starts[index], _starts[index + 1], _offsets[index]);
        return _rule is null
            ? new ZoneSpan(_starts[index], long.MaxValue, _offsets[index])
            : _rule.SpanAt(seconds) is var span && span.Start < _starts[index] ? span with { Start = _starts[index] } : span;
    }

    /// <summary>
    /// When a day begins: the first moment at which the local clock shows its midnight or, where that is skipped, the
    /// moment of the leap.
    /// </summary>
    public Instant StartOf(DateOnly day)
    {
        var midnight = (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * 86_400L;
        // No zone is further from UTC than 26 hours.
        var span = SpanAt(midnight - 26 * 3_600);
        while (midnight - span.Offset >= span.End) span = SpanAt(span.End);
        return new Instant(Math.Max(midnight - span.Offset, span.Start) * 1_000_000);
    }

    /// <summary>How far the local clock is ahead of UTC; negative when it is behind.</summary>
    public Duration OffsetAt(Instant instant) => new(SpanAt(FloorDivide(instant.Microseconds, 1_000_000)).Offset * 1_000_000L);

    /// <summary>The date that the local clock shows.</summary>
    public DateOnly DateAt(Instant instant)
    {
        var seconds = FloorDivide(instant.Microseconds, 1_000_000);
        var local = seconds + SpanAt(seconds).Offset;
        return DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)FloorDivide(local, 86_400));
    }

    /// <summary>
    /// Reads a zone as the table has it, <c>offsets|steps|indices|rule</c>: the offsets that occur, in seconds, first
    /// the one at the beginning of time; the times of the changes, in seconds and to the base of 36, each as its
    /// distance from the one before and the first from 1970; for each change a digit to the base of 36, which says what
    /// offset it brings; and what goes on every year after the last change, if anything does, as POSIX writes it.
    /// </summary>
    public static Zone Parse(string text)
    {
        var parts = text.Split('|');
        int[] known = [.. parts[0].Split(' ').Select(offset => int.Parse(offset, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))];
        string[] steps = parts[1].Length == 0 ? [] : parts[1].Split(' ');
        var starts = new long[steps.Length + 1];
        var offsets = new int[steps.Length + 1];
        (starts[0], offsets[0]) = (long.MinValue, known[0]);
        var at = 0L;
        for (var i = 0; i < steps.Length; i++)
        {
            starts[i + 1] = at += Number(steps[i]);
            offsets[i + 1] = known[Digit(parts[2][i])];
        }
        return new Zone(starts, offsets, parts[3].Length == 0 ? null : YearlyRule.Parse(parts[3]));
    }

    internal static long FloorDivide(long value, long by) => value >= 0 ? value / by : -((-value + by - 1) / by);

    private static long Number(string text) => text[0] == '-' ? -Number(text[1..]) : text.Aggregate(0L, (number, digit) => number * Radix + Digit(digit));

    private static int Digit(char digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/// <summary>From <paramref name="Start"/> until before <paramref name="End"/>, Unix times in seconds, clocks are this many seconds ahead of UTC.</summary>
internal readonly record struct ZoneSpan(long Start, long End, int Offset);
