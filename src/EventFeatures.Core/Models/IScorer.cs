namespace EventFeatures.Core.Models;

/// <summary>Makes models ready to score. One input tensor, <c>features</c>: float32 [1, n]; NaN stands for null.</summary>
public interface IScorer
{
    /// <summary>Makes a model ready, and checks that it takes <paramref name="inputCount"/> inputs and gives a probability.</summary>
    /// <param name="digest">The model's.</param>
    /// <param name="inputCount">How many features its service has.</param>
    /// <param name="cancellation">Ends the wait. The model is made ready for others all the same.</param>
    /// <returns>The model, ready until it is disposed.</returns>
    /// <exception cref="ModelInvalidException">The bytes are not such a model, or the store has no such digest.</exception>
    Task<IReadyModel> LoadAsync(string digest, int inputCount, CancellationToken cancellation = default);
}

/// <summary>A model that is ready to score for as long as its holder has not disposed it. Safe for any number of threads.</summary>
public interface IReadyModel : IDisposable
{
    /// <summary>All that could change a score's bits besides the input.</summary>
    ExecutionFingerprint Fingerprint { get; }

    /// <summary>Scores one vector. Pure: equal fingerprints and inputs give equal bits.</summary>
    /// <param name="features">The vector.</param>
    /// <param name="cancellation">Cuts the scoring short, between two of the model's steps.</param>
    /// <returns>What the model gives: a probability, but for inputs that it was not made for.</returns>
    /// <exception cref="ModelInvalidException">The vector has the wrong length, or the model fails.</exception>
    /// <exception cref="OperationCanceledException">It was cut short.</exception>
    float Score(ReadOnlySpan<float> features, CancellationToken cancellation = default);
}

/// <summary>What a score's bits depend on besides the input. Equal fingerprints demand equal bits.</summary>
public sealed record ExecutionFingerprint(
    string ModelDigest, string Runtime, string Provider, string OptimisationLevel, int IntraOpThreads, int InterOpThreads,
    string ExecutionMode, bool Prepacking, int BatchSize, string OperatingSystem, string InstructionSets);

/// <summary>Keeps model bytes by their digest.</summary>
public interface IModelStore
{
    /// <summary>Stores bytes durably and returns their SHA-256, lower-case hexadecimal. Storing twice is harmless.</summary>
    Task<string> PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default);

    /// <summary>The bytes of a digest, checked against it; null when the store has none.</summary>
    /// <exception cref="ModelInvalidException">The stored bytes cannot be read, or do not match their digest.</exception>
    Task<byte[]?> GetAsync(string digest, CancellationToken cancellation = default);
}

/// <summary>The built-in trainer.</summary>
public interface ITrainer
{
    /// <summary>
    /// Trains on rows of features and 0/1 labels: deterministic, so equal rows in equal order give equal bytes.
    /// NaN features are imputed with the training mean, inside the model's graph.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was ended before it was done.</exception>
    TrainedModel Train(
        IReadOnlyList<float[]> rows, IReadOnlyList<float> labels, IReadOnlyList<string> featureNames, IProgress<double>? progress = null,
        CancellationToken cancellation = default);
}

/// <summary>A trained model: ONNX bytes and its coefficients for people.</summary>
public sealed record TrainedModel(byte[] Onnx, IReadOnlyDictionary<string, double> Coefficients, double Intercept, int Iterations);

/// <summary>A model that cannot be used. The message says why and what to do.</summary>
public sealed class ModelInvalidException(string message, Exception? inner = null) : Exception(message, inner);
