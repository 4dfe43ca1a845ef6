namespace EventFeatures.Core.Events;

/// <summary>
/// Where an event lay in the log to which it was appended, before that log was copied into this one. Unlike its position
/// it stays the same however often the log moves.
/// </summary>
/// <param name="Position">Its position there.</param>
/// <param name="IsShared">Whether an event that had been copied into that log came from the same position, so that this one alone does not tell the two apart.</param>
public sealed record FirstPlace(Position Position, bool IsShared);
