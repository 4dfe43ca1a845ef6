namespace EventFeatures.Core.FeatureViews;

/// <summary>What a view makes of one whole stream.</summary>
/// <param name="Rows">The admitted rows, in fold order.</param>
/// <param name="Refused">The events that do not count, in the log's order; those that are not the view's are not among them.</param>
public sealed record AdmittedStream(IReadOnlyList<FeatureRow> Rows, IReadOnlyList<RefusedEvent> Refused);

/// <summary>An event that does not count.</summary>
/// <param name="Event">The event.</param>
/// <param name="Code">A violation's code, or <c>duplicate</c> or <c>late</c>.</param>
/// <param name="Detail">What was found.</param>
public sealed record RefusedEvent(Events.RecordedEvent Event, string Code, string Detail);
