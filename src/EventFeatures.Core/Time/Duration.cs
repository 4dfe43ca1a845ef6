using System.Globalization;

namespace EventFeatures.Core.Time;

/// <summary>A length of time in whole microseconds, written <c>90s</c>, <c>15m</c>, <c>2h</c>, <c>7d</c>, <c>250ms</c>.</summary>
/// <param name="Microseconds">Microseconds; negative only as the difference of two instants.</param>
public readonly record struct Duration(long Microseconds) : IComparable<Duration>
{
    /// <summary>No time at all.</summary>
    public static readonly Duration Zero = new(0);

    /// <summary>Reads one whole number followed by one unit of <c>us ms s m h d</c>; spaces and sums are refused.</summary>
    public static bool TryParse(string? text, out Duration duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text)) return false;
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        if (digits is 0 or > 15) return false;
        long? unit = text[digits..] switch
        {
            "us" => 1,
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" => 60_000_000,
            "h" => 3_600_000_000,
            "d" => 86_400_000_000,
            _ => null,
        };
        if (unit is null) return false;
        var count = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        if (count > long.MaxValue / 4 / unit.Value) return false;
        duration = new Duration(count * unit.Value);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be valid.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> is not a duration.</exception>
    public static Duration Parse(string text) =>
        TryParse(text, out var duration)
            ? duration
            : throw new FormatException($"'{text}' is not a duration. Write it as 250ms, 90s, 15m, 2h or 7d.");

    /// <summary>In seconds, rounded to the nearest double.</summary>
    public double TotalSeconds => Microseconds / 1e6;

    /// <summary>For APIs that want a <see cref="TimeSpan"/>.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan.FromTicks(Microseconds * 10);

    /// <inheritdoc/>
    public int CompareTo(Duration other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>The largest unit that leaves a whole number: <c>90s</c>, <c>2h</c>.</summary>
    public override string ToString()
    {
        foreach (var (unit, name) in Units)
            if (Microseconds % unit == 0)
                return (Microseconds / unit).ToString(CultureInfo.InvariantCulture) + name;
        throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>Shorter than.</summary>
    public static bool operator <(Duration left, Duration right) => left.Microseconds < right.Microseconds;

    /// <summary>Longer than.</summary>
    public static bool operator >(Duration left, Duration right) => left.Microseconds > right.Microseconds;

    /// <summary>Shorter than or equal to.</summary>
    public static bool operator <=(Duration left, Duration right) => left.Microseconds <= right.Microseconds;

    /// <summary>Longer than or equal to.</summary>
    public static bool operator >=(Duration left, Duration right) => left.Microseconds >= right.Microseconds;

    private static readonly (long Unit, string Name)[] Units =
        [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"), (1_000, "ms"), (1, "us")];
}
