using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Decides, in the log's order, which of one contract's events in one stream count. A pure function of the conforming
/// events before: online, batch and replay ask it the same questions and get the same answers.
/// </summary>
/// <remarks>
/// An event is late iff it occurred more than the allowed lateness before the newest event admitted so far; exactly
/// the allowed lateness is in time. Refused events and violations move nothing: their ids may be used again, and they
/// are never the newest.
/// </remarks>
/// <param name="allowedLateness">How far an event may lie behind the newest; null: without limit.</param>
/// <param name="isDecided">Whether the events' streams decided already, so that all that is left is to tell redeliveries.</param>
public sealed class RowAdmission(Duration? allowedLateness, bool isDecided = false)
{
    private readonly IdSet _ids = new();

    /// <summary>The position of the last event decided upon.</summary>
    public Position LastPosition { get; private set; }

    /// <summary>The revision of the last event decided upon; -1 before the first.</summary>
    public long LastRevision { get; private set; } = -1;

    /// <summary>The newest event time admitted; null before the first.</summary>
    public Instant? Newest { get; private set; }

    /// <summary>Decides upon the stream's next event.</summary>
    /// <param name="row">The event's row.</param>
    /// <param name="knownDuplicate">Whether its id is known to have been admitted before, where not all ids are held here.</param>
    public Admission Admit(FeatureRow row, bool knownDuplicate = false) =>
        Admit(row.Position, row.Revision, row.EventId, row.OccurredAt, knownDuplicate);

    /// <summary>Decides upon the stream's next event, which need not be a row of any entity.</summary>
    public Admission Admit(RecordedEvent recorded, Instant occurredAt) =>
        Admit(recorded.Position, recorded.Revision, recorded.EventId, occurredAt, knownDuplicate: false);

    /// <summary>Whether an event lies too far behind the newest.</summary>
    internal static bool IsLate(Instant occurredAt, Instant? newest, Duration? allowedLateness) =>
        allowedLateness is { } lateness && newest is { } time && occurredAt < time - lateness;

    /// <summary>Lets an id go; from then on the caller must know whether it was admitted.</summary>
    internal void Forget(Guid eventId) => _ids.Remove(eventId);

    /// <summary>Continues where another instance, now gone, had come to.</summary>
    internal void Resume(Position lastPosition, long lastRevision, Instant? newest, IEnumerable<Guid> ids)
    {
        (LastPosition, LastRevision, Newest) = (lastPosition, lastRevision, newest);
        if (isDecided) return;
        foreach (var id in ids) _ids.Add(id);
    }

    private Admission Admit(Position position, long revision, Guid eventId, Instant occurredAt, bool knownDuplicate)
    {
        if (LastRevision >= 0 && position <= LastPosition) return Admission.Redelivered;
        (LastPosition, LastRevision) = (position, revision);
        if (!isDecided)
        {
            if (knownDuplicate || _ids.Contains(eventId)) return Admission.Duplicate;
            if (IsLate(occurredAt, Newest, allowedLateness)) return Admission.Late;
            _ids.Add(eventId);
        }
        if (Newest is null || occurredAt > Newest) Newest = occurredAt;
        return Admission.Admitted;
    }
}
