using System.Security.Cryptography;
using EventFeatures.Core.Models;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>Keeps "models" whose first byte is how many inputs they take, and whose second is what they score, in hundredths.</summary>
internal sealed class FakeModels : IModelStore, IScorer
{
    private readonly Dictionary<string, byte[]> _stored = [];

    public static byte[] Model(int inputs, int hundredths = 50, byte variant = 0) => [(byte)inputs, (byte)hundredths, variant];

    public Task<string> PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        _stored[digest] = bytes.ToArray();
        return Task.FromResult(digest);
    }

    public Task<byte[]?> GetAsync(string digest, CancellationToken cancellation = default) => Task.FromResult(_stored.GetValueOrDefault(digest));

    public Task<IReadyModel> LoadAsync(string digest, int inputCount, CancellationToken cancellation = default)
    {
        if (!_stored.TryGetValue(digest, out var model)) throw new ModelInvalidException($"There are no bytes {digest}.");
        if (model[0] != inputCount) throw new ModelInvalidException($"The model takes {model[0]} inputs, not {inputCount}.");
        return Task.FromResult<IReadyModel>(new Ready(model[1] / 100f, new(digest, "fake", "none", "none", 1, 1, "sequential", false, 1, "any", "any")));
    }

    private sealed record Ready(float Answer, ExecutionFingerprint Fingerprint) : IReadyModel
    {
        public float Score(ReadOnlySpan<float> features, CancellationToken cancellation = default) => Answer;

        public void Dispose()
        {
        }
    }
}
