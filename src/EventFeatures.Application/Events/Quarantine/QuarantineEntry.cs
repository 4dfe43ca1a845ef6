using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>An event that is or was kept aside, and what became of it.</summary>
/// <param name="Id">The entry's id, which is not the event's.</param>
/// <param name="Event">The event with its reason and its bytes.</param>
/// <param name="QuarantinedAt">When it was kept aside.</param>
/// <param name="Position">The entry's place in the log.</param>
/// <param name="Revision">Its place in its quarantine.</param>
/// <param name="State">What became of it.</param>
/// <param name="Attempts">What was done about it, in the order of the log.</param>
public sealed record QuarantineEntry(
    Guid Id, QuarantinedEvent Event, Instant QuarantinedAt, Position Position, long Revision, QuarantineState State, IReadOnlyList<QuarantineAttempt> Attempts);

/// <summary>What became of an event that was kept aside.</summary>
public enum QuarantineState
{
    /// <summary>Nothing yet, or re-driving failed.</summary>
    Open,

    /// <summary>It passed its contract and is in its stream.</summary>
    Redriven,

    /// <summary>Somebody decided that it will not be used.</summary>
    Discarded,
}

/// <summary>Something done about an event that was kept aside: an event of its quarantine.</summary>
/// <param name="Type">The event's type: <see cref="RedrivenType"/>, <see cref="RedriveFailedType"/> or <see cref="DiscardedType"/>.</param>
/// <param name="EntryId">The entry.</param>
/// <param name="By">Who did it.</param>
/// <param name="Why">Why, as it was stated; may be empty.</param>
/// <param name="Code">Why re-driving failed; empty otherwise.</param>
/// <param name="Detail">The same for people or, for a success, where the event is.</param>
public sealed record QuarantineAttempt(string Type, Guid EntryId, string By, string Why, string Code, string Detail)
{
    public const string RedrivenType = "QuarantineRedriven";
    public const string RedriveFailedType = "QuarantineRedriveFailed";
    public const string DiscardedType = "QuarantineDiscarded";

    /// <summary>When it was done; null before it is in the log.</summary>
    public Instant? At { get; init; }

    /// <summary>The position up to which the event's stream holds it; null where it was not re-driven.</summary>
    public Position? AppendedAt { get; init; }
}
