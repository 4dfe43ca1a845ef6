using EventFeatures.Core.Events;
using EventFeatures.Testing.Faults.Load;

namespace EventFeatures.Testing.Faults.Checks;

/// <summary>What a check needs of an event in the log.</summary>
public sealed record SeenEvent(ulong Position, string Stream, long Revision, Guid Id, bool Intact)
{
    public static SeenEvent Of(RecordedEvent recorded) =>
        new(recorded.Position.Value, recorded.StreamId, recorded.Revision, recorded.EventId, IdentifiedEvent.IsIntact(recorded));
}
