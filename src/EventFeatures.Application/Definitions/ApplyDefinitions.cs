using EventFeatures.Core.Events;
using MediatR;

namespace EventFeatures.Application.Definitions;

/// <summary>Plans, and appends an event for each change. Applying the same files again changes nothing.</summary>
/// <remarks>
/// Fails with <see cref="Core.Definitions.DefinitionInvalidException"/> when the files cannot be applied, and with
/// <see cref="Core.Decisions.RefusedException"/> when somebody else applied meanwhile.
/// </remarks>
public sealed record ApplyDefinitions(IReadOnlyList<DefinitionFile> Files) : IRequest<DefinitionsApplied>
{
    /// <summary>Who applies.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Only plan.</summary>
    public bool DryRun { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>What was applied.</summary>
/// <param name="Plan">What was planned and, unless it was a dry run, done.</param>
/// <param name="Position">The consistency token; null when nothing was appended. The registry has seen it.</param>
public sealed record DefinitionsApplied(DefinitionPlan Plan, Position? Position);
