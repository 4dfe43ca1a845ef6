using EventFeatures.Core.Events;
using EventFeatures.Core.Models;
using MediatR;

namespace EventFeatures.Application.Models;

/// <summary>
/// Stores a model's bytes, checks that it takes the inputs of its family's feature service, and registers it as the
/// family's next version. Registering the same bytes from the same training set again answers with the first version.
/// </summary>
/// <remarks>Give either <see cref="Onnx"/> or the <see cref="Digest"/> of bytes that are stored already.</remarks>
/// <param name="Model">The model family's name.</param>
public sealed record RegisterModel(string Model) : IRequest<ModelRegistration>
{
    /// <summary>The ONNX bytes.</summary>
    public ReadOnlyMemory<byte> Onnx { get; init; }

    /// <summary>The digest of stored bytes.</summary>
    public string? Digest { get; init; }

    /// <summary>What was measured on held-out rows.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>The digest of the training set's manifest, where there is one.</summary>
    public string? TrainingSetDigest { get; init; }

    /// <summary>Who registers.</summary>
    public required string By { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A registered version.</summary>
/// <param name="Version">The version.</param>
/// <param name="Position">The consistency token; null when it was registered before. The registry has seen it.</param>
public sealed record ModelRegistration(ModelVersion Version, Position? Position);
