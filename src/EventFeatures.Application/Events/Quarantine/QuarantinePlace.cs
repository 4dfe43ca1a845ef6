using System.Globalization;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>Where an answer ended: at its last entry. Callers pass its text back to go on.</summary>
/// <param name="Stream">The quarantine.</param>
/// <param name="Entry">The entry's position.</param>
/// <param name="Revision">Its revision, where reading goes on; null in the text of an earlier version, which is found by reading from the first.</param>
internal sealed record QuarantinePlace(string Stream, Position Entry, long? Revision)
{
    /// <summary>The place of an entry.</summary>
    public static QuarantinePlace Of(QuarantineEntry entry) => new(QuarantinedEvent.StreamOf(entry.Event.Contract), entry.Position, entry.Revision);

    /// <summary>Reads what <see cref="ToString"/> wrote; null where it is something else, or nothing.</summary>
    public static QuarantinePlace? TryParse(string? text)
    {
        if (text?.Split('@', 2) is not [var place, var stream]) return null;
        var parts = place.Split('.', 2);
        if (!ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var position)) return null;
        if (parts.Length == 1) return new QuarantinePlace(stream, new Position(position), null);
        return long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? new QuarantinePlace(stream, new Position(position), revision) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Entry}.{Revision}@{Stream}");
}
