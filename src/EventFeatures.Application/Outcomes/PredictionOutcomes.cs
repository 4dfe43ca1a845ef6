using EventFeatures.Application.Predictions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;

namespace EventFeatures.Application.Outcomes;

/// <summary>A model's predictions, each with the outcome that counts, in one pass over the log.</summary>
internal static class PredictionOutcomes
{
    /// <summary>Reads up to a position; of several outcomes of one prediction the last one by then counts.</summary>
    public static async Task<IReadOnlyList<PredictionOutcome>> ReadAsync(
        IEventLog log, DossierReader dossiers, string model, Position knownAt, CancellationToken cancellation)
    {
        var predictions = new List<PredictionOutcome>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var all = log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Dossiers.StreamPrefix), cancellation: cancellation);
        await foreach (var recorded in all)
        {
            if (recorded.Position > knownAt) break;
            if (Dossiers.IsPrediction(recorded))
            {
                if (dossiers.Prediction(recorded) is not { } made || made.Request.Model != model) continue;
                places[recorded.StreamId] = predictions.Count;
                predictions.Add(new PredictionOutcome(made.Model?.Version, made.Route.IsFallback, made.Score, made.Threshold, null));
            }
            else if (recorded.Type == OutcomeRecorded.Type && places.TryGetValue(recorded.StreamId, out var place))
            {
                if (dossiers.Outcome(recorded) is { } outcome) predictions[place] = predictions[place] with { Outcome = outcome.Value };
            }
        }
        return predictions;
    }
}

/// <summary>What is kept of a prediction to measure it, since a model may have made millions.</summary>
/// <param name="Version">The model's version; null where none scored.</param>
/// <param name="IsFallback">Whether the fallback answered.</param>
/// <param name="Score">What was answered.</param>
/// <param name="Threshold">What the score was held to.</param>
/// <param name="Outcome">What really happened; null while that is unknown.</param>
internal readonly record struct PredictionOutcome(int? Version, bool IsFallback, double Score, double Threshold, double? Outcome)
{
    /// <summary>Whether the outcome is known, and is that of one of two classes.</summary>
    public bool IsKnown => Outcome is 0 or 1;

    /// <summary>Whether the outcome bore the decision out, by the threshold that it was made with.</summary>
    public bool IsRight => Score >= Threshold == (Outcome == 1);
}
