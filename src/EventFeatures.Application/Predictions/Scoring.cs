using System.Collections.Concurrent;
using System.Reflection;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>A scorer with the models that it needs loaded, and what explains its scores.</summary>
internal sealed class Scoring(IScorer scorer)
{
    /// <summary>The most reasons given.</summary>
    private const int ReasonsMax = 4;

    private readonly ConcurrentDictionary<(string Digest, int Inputs), Task> _loading = new();

    /// <summary>The version of this software, as predictions record it.</summary>
    public static readonly string Software =
        typeof(Scoring).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Makes a model ready, once. A failure is not kept, so that the next request tries again.</summary>
    public async Task LoadAsync(string digest, int inputCount, CancellationToken cancellation)
    {
        // Not the caller's token: its budget must not spoil the load for those who wait for it too.
        var loading = _loading.GetOrAdd((digest, inputCount), key => scorer.LoadAsync(key.Digest, key.Inputs, CancellationToken.None));
        if (loading.IsCompletedSuccessfully) return;
        try
        {
            await loading.WaitAsync(cancellation);
        }
        catch when (loading.IsFaulted || loading.IsCanceled)
        {
            _loading.TryRemove(new KeyValuePair<(string, int), Task>((digest, inputCount), loading));
            throw;
        }
    }

    /// <summary>The score of one vector.</summary>
    /// <exception cref="OperationCanceledException">It was cut short.</exception>
    public float Score(string digest, float[] input, CancellationToken cancellation) => scorer.Score(digest, input, cancellation);

    /// <summary>What the score's bits depend on besides the vector.</summary>
    public ExecutionFingerprint Fingerprint(string digest) => scorer.Fingerprint(digest);

    /// <summary>
    /// The features that moved the score most: for each, the score less what it would be were the feature null.
    /// Equal changes stay in the model's order, so that the same vector always gives the same reasons.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cut short.</exception>
    public IReadOnlyList<ReasonCode> Explain(string digest, IReadOnlyList<string> names, float[] input, float score, CancellationToken cancellation)
    {
        var without = (float[])input.Clone();
        var reasons = new List<ReasonCode>(names.Count);
        for (var i = 0; i < input.Length; i++)
        {
            if (float.IsNaN(input[i])) continue;
            without[i] = float.NaN;
            var change = (double)score - scorer.Score(digest, without, cancellation);
            without[i] = input[i];
            if (change != 0 && double.IsFinite(change)) reasons.Add(new ReasonCode(names[i], change));
        }
        return [.. reasons.OrderByDescending(reason => Math.Abs(reason.ScoreChange)).Take(ReasonsMax)];
    }
}
