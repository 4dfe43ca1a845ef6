using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>What moved a score.</summary>
internal static class Reasons
{
    /// <summary>The most reasons given.</summary>
    private const int CountMax = 4;

    /// <summary>
    /// The features that moved the score most: for each, the score less what it would be were the feature null.
    /// Equal changes stay in the model's order, so that the same vector always gives the same reasons.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cut short.</exception>
    public static IReadOnlyList<ReasonCode> Of(IReadyModel model, IReadOnlyList<string> names, float[] input, float score, CancellationToken cancellation)
    {
        var without = (float[])input.Clone();
        var reasons = new List<ReasonCode>(names.Count);
        for (var i = 0; i < input.Length; i++)
        {
            if (float.IsNaN(input[i])) continue;
            without[i] = float.NaN;
            if (Score(model, without, cancellation) is { } other && other != score) reasons.Add(new ReasonCode(names[i], (double)score - other));
            without[i] = input[i];
        }
        return [.. reasons.OrderByDescending(reason => Math.Abs(reason.ScoreChange)).Take(CountMax)];
    }

    // A model that has no answer without a feature can say nothing of it. What it answered with all of them stands.
    private static float? Score(IReadyModel model, float[] features, CancellationToken cancellation)
    {
        try
        {
            return model.Score(features, cancellation) is >= 0 and <= 1 and var score ? score : null;
        }
        catch (ModelInvalidException)
        {
            return null;
        }
    }
}
