using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFeatures.Core.Models;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>"Models" that are a text of weights: the score is the logistic function of their weighted sum, nulls left out.</summary>
internal sealed class WeightedModels : IModelStore, IScorer, ITrainer
{
    private readonly Dictionary<string, byte[]> _stored = [];

    /// <summary>The runtime's name; another one makes scores not comparable.</summary>
    public string Runtime { get; set; } = "fake-1";

    /// <summary>Added to every score, as a runtime does whose arithmetic differs.</summary>
    public float Drift { get; set; }

    /// <summary>What a vector with a null gets instead of its score.</summary>
    public Func<float, float>? WithoutFeature { get; set; }

    /// <summary>Called at the start of each score, with what cuts it short.</summary>
    public Action<CancellationToken>? Scoring { get; set; }

    public static byte[] Model(params float[] weights) =>
        Encoding.UTF8.GetBytes(string.Join(' ', weights.Select(weight => weight.ToString("R", CultureInfo.InvariantCulture))));

    public Task<string> PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        _stored[digest] = bytes.ToArray();
        return Task.FromResult(digest);
    }

    public Task<byte[]?> GetAsync(string digest, CancellationToken cancellation = default) => Task.FromResult(_stored.GetValueOrDefault(digest));

    /// <summary>Loses all bytes, as a store whose disk is gone.</summary>
    public void Lose() => _stored.Clear();

    public Task<IReadyModel> LoadAsync(string digest, int inputCount, CancellationToken cancellation = default)
    {
        if (!_stored.TryGetValue(digest, out _)) return Task.FromException<IReadyModel>(new ModelInvalidException($"There are no bytes {digest[..8]}."));
        var weights = Weights(digest);
        return weights.Length == inputCount
            ? Task.FromResult<IReadyModel>(new Ready(this, digest, weights))
            : Task.FromException<IReadyModel>(new ModelInvalidException($"The model takes {weights.Length} inputs, not {inputCount}."));
    }

    public TrainedModel Train(IReadOnlyList<float[]> rows, IReadOnlyList<float> labels, IReadOnlyList<string> featureNames, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        // The difference of the classes' means, damped so that no score saturates: enough to tell them apart.
        var weights = new float[featureNames.Count];
        for (var i = 0; i < weights.Length; i++) weights[i] = 0.01f * MathF.Tanh(Mean(1, i) - Mean(0, i));
        return new TrainedModel(Model(weights), featureNames.Zip(weights).ToDictionary(pair => pair.First, pair => (double)pair.Second), 0, 1);

        float Mean(float label, int feature) =>
            rows.Where((row, index) => labels[index] == label && !float.IsNaN(row[feature])).Select(row => row[feature]).DefaultIfEmpty().Average();
    }

    private float[] Weights(string digest) =>
        [.. Encoding.UTF8.GetString(_stored[digest]).Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture))];

    private sealed class Ready(WeightedModels models, string digest, float[] weights) : IReadyModel
    {
        public ExecutionFingerprint Fingerprint => new(digest, models.Runtime, "none", "none", 1, 1, "sequential", false, 1, "any", "any");

        public float Score(ReadOnlySpan<float> features, CancellationToken cancellation = default)
        {
            models.Scoring?.Invoke(cancellation);
            cancellation.ThrowIfCancellationRequested();
            var sum = 0f;
            for (var i = 0; i < weights.Length; i++)
                if (!float.IsNaN(features[i])) sum += weights[i] * features[i];
            var score = (1 / (1 + MathF.Exp(-sum))) + models.Drift;
            return models.WithoutFeature is { } without && features.Contains(float.NaN) ? without(score) : score;
        }

        public void Dispose()
        {
        }
    }
}
