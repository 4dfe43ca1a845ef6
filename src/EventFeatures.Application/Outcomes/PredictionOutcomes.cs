using EventFeatures.Application.Predictions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;

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
                predictions.Add(new PredictionOutcome(made, recorded.Position, null));
            }
            else if (recorded.Type == OutcomeRecorded.Type && places.TryGetValue(recorded.StreamId, out var place))
            {
                if (dossiers.Outcome(recorded) is not { } outcome) continue;
                predictions[place] = predictions[place] with { Outcome = new OutcomeEntry(outcome, recorded.Position, Dossiers.RecordedAt(recorded)) };
            }
        }
        return predictions;
    }
}

/// <summary>A prediction with what really happened, where that is known.</summary>
internal sealed record PredictionOutcome(PredictionMade Made, Position Position, OutcomeEntry? Outcome);
