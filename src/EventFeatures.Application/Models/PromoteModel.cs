using EventFeatures.Core.Events;
using EventFeatures.Core.Models;
using MediatR;

namespace EventFeatures.Application.Models;

/// <summary>Makes a registered version the champion, once it passed its gate. Promoting the champion changes nothing.</summary>
/// <param name="Model">The model family's name.</param>
/// <param name="Version">The version.</param>
public sealed record PromoteModel(string Model, int Version) : IRequest<ModelPromotion>
{
    /// <summary>Who promotes.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A champion.</summary>
/// <param name="Champion">The champion.</param>
/// <param name="PreviousVersion">The version that served before; null for the first champion.</param>
/// <param name="Position">The consistency token; null when it was the champion before. The registry has seen it.</param>
public sealed record ModelPromotion(ModelVersion Champion, int? PreviousVersion, Position? Position);
