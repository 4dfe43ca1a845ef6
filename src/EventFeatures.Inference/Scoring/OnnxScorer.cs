using System.Collections.Concurrent;
using EventFeatures.Core.Models;

namespace EventFeatures.Inference.Scoring;

/// <summary>Scores ONNX models by digest, in sessions that give equal bits for equal inputs and fingerprints.</summary>
public sealed class OnnxScorer(IModelStore store) : IScorer, IAsyncDisposable
{
    /// <summary>The largest model that is loaded, in bytes.</summary>
    public const int BytesMax = 256 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, OnnxModel> _models = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _loading = new(1);

    public async Task LoadAsync(string digest, int inputCount, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(digest);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputCount, 1);
        if (IsLoaded(digest, inputCount)) return;
        await _loading.WaitAsync(cancellation);
        try
        {
            if (IsLoaded(digest, inputCount)) return;
            var bytes = await store.GetAsync(digest, cancellation)
                ?? throw new ModelInvalidException($"The model store has no model {digest}. Register its file, or restore it from a backup: replay needs these very bytes.");
            if (bytes.Length > BytesMax)
                throw new ModelInvalidException($"Model {digest} has {bytes.Length:N0} bytes, above the bound of {BytesMax:N0}. Register a smaller one.");
            // Opening optimises the graph, which for a large model would hold up the caller's thread.
            _models[digest] = await Task.Run(() => OnnxModel.Open(bytes, digest, inputCount), cancellation);
        }
        finally
        {
            _loading.Release();
        }
    }

    public float Score(string digest, ReadOnlySpan<float> features, CancellationToken cancellation = default) => Loaded(digest).Score(features, cancellation);

    public ExecutionFingerprint Fingerprint(string digest) => Loaded(digest).Fingerprint;

    /// <summary>Frees the sessions. No score may be running.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loading.WaitAsync();
        foreach (var digest in _models.Keys)
            if (_models.TryRemove(digest, out var model))
                model.Dispose();
        _loading.Dispose();
    }

    private bool IsLoaded(string digest, int inputCount)
    {
        if (!_models.TryGetValue(digest, out var model)) return false;
        return model.InputCount == inputCount
            ? true
            : throw new ModelInvalidException($"Model {digest} takes {model.InputCount} features, but its feature service has {inputCount}. Name the service that it was trained on.");
    }

    private OnnxModel Loaded(string digest) =>
        _models.TryGetValue(digest, out var model)
            ? model
            : throw new ModelInvalidException($"Model {digest} is not loaded. Load it before scoring.");
}
