using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Reads events of any number of streams, each stream in the log's order, and decides which of them count. For readers
/// of whole streams: it holds the id of every event that it admitted.
/// </summary>
public sealed class LogAdmission(CompiledView view)
{
    private readonly Dictionary<(int Source, string Stream), RowAdmission> _streams = [];

    /// <summary>What the next event comes to; nothing if it was offered before.</summary>
    public EventAdmission Offer(RecordedEvent recorded) => view.Read(recorded) switch
    {
        RowReading.Row { Value: var row } => Decide(recorded, 0, row.OccurredAt, [row], null),
        RowReading.Rows rows => Decide(recorded, rows.Source, rows.OccurredAt, rows.Values, rows.Unkeyed),
        RowReading.Violation violation => Refuse(recorded, violation.Code, violation.Detail),
        _ => EventAdmission.None,
    };

    private EventAdmission Decide(RecordedEvent recorded, int source, Instant occurredAt, IReadOnlyList<FeatureRow> rows, string? unkeyed)
    {
        var key = (source, recorded.StreamId);
        if (!_streams.TryGetValue(key, out var stream)) _streams.Add(key, stream = new RowAdmission(view.Contracts[source].AllowedLateness));
        var newest = stream.Newest;
        return stream.Admit(recorded, occurredAt) switch
        {
            Admission.Admitted => new EventAdmission(rows, null, unkeyed is null ? null : new RefusedEvent(recorded, RefusedEvent.Unkeyed, unkeyed)),
            Admission.Duplicate => Refuse(recorded, "duplicate", $"Event id {recorded.EventId} was used by an earlier event of stream '{recorded.StreamId}'."),
            Admission.Late => Refuse(recorded, "late", $"The event occurred at {occurredAt}, further behind the stream's newest at {newest} than the contract allows."),
            _ => EventAdmission.None,
        };
    }

    private static EventAdmission Refuse(RecordedEvent recorded, string code, string detail) => new([], new RefusedEvent(recorded, code, detail), null);
}

/// <summary>What one event comes to in a view.</summary>
/// <param name="Rows">Its rows, one an entity; none when it does not count, or concerns no entity.</param>
/// <param name="Refused">Why it does not count; null when it does, or is not the view's.</param>
/// <param name="Unkeyed">Why it counts for no entity, where its key is null.</param>
public readonly record struct EventAdmission(IReadOnlyList<FeatureRow> Rows, RefusedEvent? Refused, RefusedEvent? Unkeyed)
{
    internal static readonly EventAdmission None = new([], null, null);
}
