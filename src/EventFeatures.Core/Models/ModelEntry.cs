using EventFeatures.Core.Time;

namespace EventFeatures.Core.Models;

/// <summary>A model family with what was registered of it.</summary>
/// <param name="Definition">The newest definition.</param>
/// <param name="Versions">The registered versions, oldest first.</param>
/// <param name="ChampionVersion">The serving version; null before the first promotion.</param>
public sealed record ModelEntry(Model Definition, IReadOnlyList<ModelVersion> Versions, int? ChampionVersion)
{
    /// <summary>The serving version, or null.</summary>
    public ModelVersion? Champion => Versions.FirstOrDefault(version => version.Version == ChampionVersion);
}

/// <summary>One registered model: content-addressed bytes with their card.</summary>
/// <param name="Version">From 1 within the model.</param>
/// <param name="Digest">SHA-256 of the ONNX bytes, lower-case hexadecimal.</param>
/// <param name="Service">The feature service that it reads, <c>name@v1</c>.</param>
/// <param name="ServiceDigest">The digest of that service's definition.</param>
/// <param name="TrainingSetDigest">The digest of the training set's manifest, where it was trained here.</param>
/// <param name="Metrics">What was measured on held-out rows, for example <c>ece</c>, <c>auc</c>, <c>log_loss</c>.</param>
/// <param name="RegisteredBy">Who registered it.</param>
/// <param name="RegisteredAt">When.</param>
public sealed record ModelVersion(
    int Version, string Digest, string Service, string ServiceDigest, string? TrainingSetDigest,
    IReadOnlyDictionary<string, double> Metrics, string RegisteredBy, Instant RegisteredAt);
