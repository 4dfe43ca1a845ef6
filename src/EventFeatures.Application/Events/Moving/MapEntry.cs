namespace EventFeatures.Application.Events.Moving;

/// <summary>Where an event that was copied lies.</summary>
/// <param name="Old">Its position in the log that it came from.</param>
/// <param name="New">Its position in the log that it was copied to.</param>
/// <param name="Created">When the log that it came from recorded it, in microseconds since the Unix epoch.</param>
internal readonly record struct MapEntry(ulong Old, ulong New, long Created);
