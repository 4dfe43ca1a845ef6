namespace EventFeatures.Core.FeatureViews;

/// <summary>What a view makes of whole streams.</summary>
/// <param name="Rows">The admitted rows, in fold order.</param>
/// <param name="Refused">The events that do not count, in the log's order; those that are not the view's are not among them.</param>
/// <param name="Unkeyed">The events that count for no entity, because their key is null.</param>
public sealed record AdmittedStream(
    IReadOnlyList<FeatureRow> Rows, IReadOnlyList<RefusedEvent> Refused, IReadOnlyList<RefusedEvent> Unkeyed);

/// <summary>An event that does not count.</summary>
/// <param name="Event">The event.</param>
/// <param name="Code">A violation's code, or <c>duplicate</c>, <c>late</c> or <see cref="Unkeyed"/>.</param>
/// <param name="Detail">What was found.</param>
public sealed record RefusedEvent(Events.RecordedEvent Event, string Code, string Detail)
{
    /// <summary>The code of an event that keeps its contract and concerns no entity of the view, since its key is null.</summary>
    public const string Unkeyed = "unkeyed";
}
