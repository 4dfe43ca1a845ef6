using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Decides, in the log's order, which events of one stream count. A pure function of the conforming events before:
/// online, batch and replay ask it the same questions and get the same answers.
/// </summary>
/// <remarks>
/// An event is late iff it occurred more than the allowed lateness before the newest event admitted so far; exactly
/// the allowed lateness is in time. Refused events and violations move nothing: their ids may be used again, and they
/// are never the newest.
/// </remarks>
public sealed class RowAdmission(Duration? allowedLateness)
{
    private readonly HashSet<Guid> _ids = [];

    /// <summary>The position of the last event decided upon.</summary>
    public Position LastPosition { get; private set; }

    /// <summary>The revision of the last event decided upon; -1 before the first.</summary>
    public long LastRevision { get; private set; } = -1;

    /// <summary>The newest event time admitted; null before the first.</summary>
    public Instant? Newest { get; private set; }

    /// <summary>Decides upon the stream's next event.</summary>
    /// <param name="row">The event's row.</param>
    /// <param name="knownDuplicate">Whether its id is known to have been admitted before, where not all ids are held here.</param>
    public Admission Admit(FeatureRow row, bool knownDuplicate = false)
    {
        if (LastRevision >= 0 && row.Position <= LastPosition) return Admission.Redelivered;
        (LastPosition, LastRevision) = (row.Position, row.Revision);
        if (knownDuplicate || _ids.Contains(row.EventId)) return Admission.Duplicate;
        if (allowedLateness is { } lateness && Newest is { } newest && row.OccurredAt < newest - lateness) return Admission.Late;
        _ids.Add(row.EventId);
        if (Newest is null || row.OccurredAt > Newest) Newest = row.OccurredAt;
        return Admission.Admitted;
    }

    /// <summary>Lets an id go; from then on the caller must know whether it was admitted.</summary>
    internal void Forget(Guid eventId) => _ids.Remove(eventId);

    /// <summary>Continues where another instance, now gone, had come to.</summary>
    internal void Resume(Position lastPosition, long lastRevision, Instant? newest, IEnumerable<Guid> ids)
    {
        (LastPosition, LastRevision, Newest) = (lastPosition, lastRevision, newest);
        _ids.UnionWith(ids);
    }
}
