using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>Tells from which event on a recorded value and the log part ways.</summary>
internal static class Divergence
{
    /// <summary>How many events are looked back over; beyond it, it cannot be told within a bounded time.</summary>
    private const int LookBackMax = 1_000;

    /// <summary>
    /// The earliest event that the recorded value does not know of: the one after the longest history that still gives
    /// the recorded value. Null when no history does, so that the recorded value comes from somewhere else.
    /// </summary>
    public static EventReference? FirstEvent(
        CompiledService service, int input, IReadOnlyList<(EntityHistory History, ViewUse Use)> views, PredictionMade made)
    {
        if (service.SourceOf(input) is not { } source || made.Features[input].Defaulted) return null;
        var (history, use) = views[source.View];
        var recorded = made.Features[input];
        var known = history.CountKnownAt(use.KnownAt);
        for (var count = known - 1; count >= 0 && count >= known - LookBackMax; count--)
        {
            var value = service.Views[source.View].View.Evaluate(history.Prefix(count), made.AsOf)[source.Feature];
            if (value != new FeatureValue(recorded.Value, recorded.Status, recorded.OccurredAt)) continue;
            var row = history.InLogOrder[count];
            return new EventReference(row.EventId, row.StreamId, row.Revision, row.Position);
        }
        return null;
    }
}
