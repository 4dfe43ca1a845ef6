using EventFeatures.Core.Models;

namespace EventFeatures.Inference.Scoring;

/// <summary>Makes ONNX models ready by digest, in sessions that give equal bits for equal inputs and fingerprints.</summary>
/// <param name="store">Where the bytes are.</param>
/// <param name="warmUp">How long a model's first score may take; null: <see cref="WarmUpMax"/>.</param>
/// <param name="bytesLoadedMax">How many bytes of models stay loaded that nobody scores with; null: <see cref="BytesLoadedMax"/>.</param>
public sealed class OnnxScorer(IModelStore store, TimeSpan? warmUp = null, long? bytesLoadedMax = null) : IScorer, IAsyncDisposable
{
    /// <summary>The largest model that is loaded, in bytes.</summary>
    public const int BytesMax = 256 * 1024 * 1024;

    /// <summary>Models above this together are let go, in bytes, the longest unused first.</summary>
    public const long BytesLoadedMax = 4L * BytesMax;

    /// <summary>How long a model's first score may take. One that does not end by then is refused.</summary>
    public static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(10);

    // Opening takes memory of several times the model's size. Two, so that a slow one does not hold up all others.
    private const int OpeningMax = 2;

    private readonly SemaphoreSlim _opening = new(OpeningMax);
    private readonly CancellationTokenSource _ending = new();
    private readonly TimeSpan _warmUp = warmUp ?? WarmUpMax;
    private readonly LoadedModels _models = new(bytesLoadedMax ?? BytesLoadedMax);

    public Task<IReadyModel> LoadAsync(string digest, int inputCount, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(digest);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputCount, 1);
        return _models.HoldAsync((digest, inputCount), OpenAsync, cancellation);
    }

    /// <summary>Frees the sessions; one that is scoring is freed as that ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        // A model's first score ends at once now. What the runtime does before it cannot be cut short, and is left to itself.
        await _models.CloseAsync(_warmUp);
    }

    // Under no caller's token: one with little time left must not spoil the load for those who wait for it too.
    private async Task<OnnxModel> OpenAsync((string Digest, int InputCount) key)
    {
        await _opening.WaitAsync(_ending.Token);
        try
        {
            var bytes = await store.GetAsync(key.Digest, _ending.Token)
                ?? throw new ModelInvalidException($"The model store has no model {key.Digest}. Register its file, or restore it from a backup: replay needs these very bytes.");
            if (bytes.Length > BytesMax)
                throw new ModelInvalidException($"Model {key.Digest} has {bytes.Length:N0} bytes, above the bound of {BytesMax:N0}. Register a smaller one.");
            return OnnxModel.Open(bytes, key.Digest, key.InputCount, _warmUp, _ending.Token);
        }
        finally
        {
            _opening.Release();
        }
    }
}
