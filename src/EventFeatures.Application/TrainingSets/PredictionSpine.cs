using EventFeatures.Application.Outcomes;
using EventFeatures.Core.Events;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>A spine of recorded predictions: each with its own time and positions, so that the join gives its very vector.</summary>
internal static class PredictionSpine
{
    public static async Task<IReadOnlyList<SpineRow>> ReadAsync(IEventLog log, string model, Position knownAt, CancellationToken cancellation)
    {
        var predictions = await PredictionOutcomes.ReadAsync(log, model, knownAt, cancellation);
        return [.. predictions.Select(prediction => new SpineRow(prediction.Made.Request.Entities, prediction.Made.AsOf)
        {
            // A prediction that fell back before it read any view knew what was in the log when it was made.
            KnownAt = prediction.Position,
            KnownAtByView = prediction.Made.Views.ToDictionary(use => use.View, use => use.KnownAt),
            Context = prediction.Made.Request.Context,
            Label = prediction.Outcome?.Outcome.Value,
            Extra = new Dictionary<string, Value> { ["prediction_id"] = Value.Of(prediction.Made.PredictionId) },
        })];
    }
}
