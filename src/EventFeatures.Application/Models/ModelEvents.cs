namespace EventFeatures.Application.Models;

/// <summary>A model's bytes are stored and fit their family.</summary>
/// <param name="Model">The family.</param>
/// <param name="Version">From 1 within the family.</param>
/// <param name="Digest">SHA-256 of the ONNX bytes.</param>
/// <param name="Service">The feature service that it reads, <c>name@v1</c>.</param>
/// <param name="ServiceDigest">The digest of that service's definition.</param>
/// <param name="TrainingSetDigest">The digest of the training set's manifest; null when it was not trained here.</param>
/// <param name="Metrics">What was measured on held-out rows.</param>
/// <param name="By">Who registered it.</param>
public sealed record ModelRegistered(
    string Model, int Version, string Digest, string Service, string ServiceDigest, string? TrainingSetDigest,
    IReadOnlyDictionary<string, double> Metrics, string By);

/// <summary>A version serves from now on.</summary>
/// <param name="Model">The family.</param>
/// <param name="Version">The new champion.</param>
/// <param name="Digest">Its bytes.</param>
/// <param name="PreviousVersion">The champion before; null for the first.</param>
/// <param name="By">Who promoted it.</param>
/// <param name="Why">Why.</param>
public sealed record ChampionPromoted(string Model, int Version, string Digest, int? PreviousVersion, string By, string Why);
