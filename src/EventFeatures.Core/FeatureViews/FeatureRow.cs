using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// One event as a view sees it for one entity: the row of the batch view. Position and entity name it; an event that
/// concerns several entities gives each of them a row.
/// </summary>
/// <param name="EntityKey">The entity's key; the parts of a composite key are joined by the unit separator, U+001F.</param>
/// <param name="OccurredAt">When the fact happened.</param>
/// <param name="RecordedAt">When it became known here.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="StreamId">Its stream.</param>
/// <param name="Revision">Its index in the stream.</param>
/// <param name="EventId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Columns">The fields that the view's features use, in the order of the compiled view's columns.</param>
public sealed record FeatureRow(
    string EntityKey,
    Instant OccurredAt,
    Instant RecordedAt,
    Position Position,
    string StreamId,
    long Revision,
    Guid EventId,
    string EventType,
    IReadOnlyList<Value> Columns)
{
    /// <summary>The order in which a view folds its rows: event time, then position.</summary>
    public static readonly IComparer<FeatureRow> FoldOrder = Comparer<FeatureRow>.Create((left, right) =>
    {
        var byTime = left.OccurredAt.CompareTo(right.OccurredAt);
        return byTime != 0 ? byTime : left.Position.CompareTo(right.Position);
    });
}
