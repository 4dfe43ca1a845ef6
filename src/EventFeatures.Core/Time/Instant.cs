using System.Globalization;

namespace EventFeatures.Core.Time;

/// <summary>
/// A point in time: whole microseconds since 1970-01-01T00:00:00Z. The one clock unit of the system,
/// so that a time read from JSON, the log or PostgreSQL is always the same bits.
/// </summary>
/// <param name="Microseconds">Microseconds since the Unix epoch, UTC; negative before it.</param>
public readonly record struct Instant(long Microseconds) : IComparable<Instant>
{
    /// <summary>The earliest instant that can be written as ISO 8601 here: year 1.</summary>
    public static readonly Instant MinValue = FromDateTimeOffset(DateTimeOffset.MinValue);

    /// <summary>The latest instant that can be written as ISO 8601 here: the end of year 9999.</summary>
    public static readonly Instant MaxValue = FromDateTimeOffset(DateTimeOffset.MaxValue);

    /// <summary>Truncates towards minus infinity to whole microseconds.</summary>
    public static Instant FromDateTimeOffset(DateTimeOffset time) =>
        new((time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) >= 0
            ? (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10
            : -((DateTimeOffset.UnixEpoch.Ticks - time.UtcTicks + 9) / 10));

    /// <summary>The same instant for APIs that want a <see cref="DateTimeOffset"/>; its offset is zero.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.UnixEpoch.AddTicks(Microseconds * 10);

    /// <summary>
    /// Reads an ISO 8601 date-time with an offset or <c>Z</c>. A time without an offset, a leap second
    /// (<c>:60</c>) and digits finer than a microsecond are refused rather than guessed or rounded.
    /// </summary>
    public static bool TryParse(string? text, out Instant instant)
    {
        instant = default;
        if (text is null || text.Length > InstantText.LengthMax) return false;
        Span<byte> ascii = stackalloc byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] > 127) return false;
            ascii[i] = (byte)text[i];
        }
        return InstantText.TryParse(ascii, out instant);
    }

    /// <summary>As <see cref="TryParse(string?, out Instant)"/>, for the bytes of a JSON string.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Instant instant) => InstantText.TryParse(utf8, out instant);

    /// <summary>As <see cref="TryParse(string?, out Instant)"/>, for text that is known to be valid.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> is not an ISO 8601 date-time with an offset.</exception>
    public static Instant Parse(string text) =>
        TryParse(text, out var instant)
            ? instant
            : throw new FormatException($"'{text}' is not a time. Write it as 2026-01-31T12:00:00Z, with Z or an offset, to the microsecond at most.");

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>ISO 8601 in UTC, with as many digits of the second as are needed.</summary>
    public override string ToString() =>
        ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Shifts an instant by a duration.</summary>
    public static Instant operator +(Instant instant, Duration duration) => new(instant.Microseconds + duration.Microseconds);

    /// <summary>Shifts an instant back by a duration.</summary>
    public static Instant operator -(Instant instant, Duration duration) => new(instant.Microseconds - duration.Microseconds);

    /// <summary>The duration between two instants.</summary>
    public static Duration operator -(Instant left, Instant right) => new(left.Microseconds - right.Microseconds);

    /// <summary>Earlier than.</summary>
    public static bool operator <(Instant left, Instant right) => left.Microseconds < right.Microseconds;

    /// <summary>Later than.</summary>
    public static bool operator >(Instant left, Instant right) => left.Microseconds > right.Microseconds;

    /// <summary>Earlier than or equal to.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Microseconds <= right.Microseconds;

    /// <summary>Later than or equal to.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Microseconds >= right.Microseconds;
}
