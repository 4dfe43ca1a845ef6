using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Feature values straight from events: what replay and <c>evaluate</c> hold the views against.</summary>
public static class Evaluation
{
    /// <summary>The features of one entity at an instant, from its stream.</summary>
    /// <param name="view">The view.</param>
    /// <param name="entityStream">All events of the entity's stream, in the log's order.</param>
    /// <param name="asOf">The instant the values describe.</param>
    /// <param name="known">
    /// Which admitted rows may be used, for example those up to a position or recorded by then. Whether an event is
    /// admitted is a fact of the log and does not depend on it.
    /// </param>
    public static IReadOnlyList<FeatureValue> Evaluate(
        CompiledView view, IReadOnlyList<RecordedEvent> entityStream, Instant asOf, Func<FeatureRow, bool> known) =>
        Evaluate(view, view.Admit(entityStream), asOf, known);

    /// <summary>As above for a stream that was admitted already: many instants over one entity need that but once.</summary>
    public static IReadOnlyList<FeatureValue> Evaluate(
        CompiledView view, AdmittedStream entity, Instant asOf, Func<FeatureRow, bool> known) =>
        view.Evaluate(entity.Rows.Where(known).ToList(), asOf);
}
