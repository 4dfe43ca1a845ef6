using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Server.Errors;

namespace EventFeatures.Server.Api;

/// <summary>Reads fields of requests, saying which one is wrong and how to write it.</summary>
internal static class Fields
{
    public static Instant Time(string text, string field) =>
        Instant.TryParse(text, out var instant)
            ? instant
            : throw new InvalidRequestException(field, $"{field}: '{text}' is not a time. Write it as 2026-01-31T12:00:00Z, with Z or an offset, to the microsecond at most.");

    /// <summary>The time, or <see langword="null"/> when the field is empty.</summary>
    public static Instant? TimeOrNone(string text, string field) => text.Length == 0 ? null : Time(text, field);

    /// <summary>The length of time, or <see langword="null"/> when the field is empty.</summary>
    public static Duration? DurationOrNone(string text, string field) =>
        text.Length == 0 ? null
        : Duration.TryParse(text, out var duration) ? duration
        : throw new InvalidRequestException(field, $"{field}: '{text}' is not a length of time. Write one whole number and one unit: 0s, 250ms, 90s or 15m.");

    public static Guid Id(string text, string field) =>
        Guid.TryParse(text, out var id)
            ? id
            : throw new InvalidRequestException(field, $"{field}: '{text}' is not a UUID. Write it as 6ba7b810-9dad-11d1-80b4-00c04fd430c8.");

    /// <summary>The position, or <see langword="null"/> when the field is 0.</summary>
    public static Position? PositionOrNone(ulong position) => position == 0 ? null : new Position(position);

    public static string? TextOrNone(string text) => text.Length == 0 ? null : text;
}
