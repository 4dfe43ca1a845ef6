using EventFeatures.Core.Definitions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Entities;

/// <summary>Whom features describe, and the parts of its key.</summary>
public sealed record Entity : Definition
{
    /// <inheritdoc/>
    public override DefinitionKind Kind => DefinitionKind.Entity;

    /// <summary>The key's parts, in order; one for most entities.</summary>
    public required IReadOnlyList<EntityKeyPart> Keys { get; init; }
}

/// <summary>One part of an entity's key.</summary>
public sealed record EntityKeyPart(string Name, ValueKind Type);
