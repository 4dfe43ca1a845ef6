namespace EventFeatures.Core.Definitions;

/// <summary>What every declared asset has in common.</summary>
/// <remarks>The digest names the version for ever: SHA-256, in lower-case hexadecimal, of the definition's canonical JSON.</remarks>
public abstract record Definition
{
    /// <summary>The name, unique among definitions of its kind.</summary>
    public required string Name { get; init; }

    /// <summary>The version within the name, from 1; for a contract, its major version.</summary>
    public required int Version { get; init; }

    /// <summary>Who answers for it, for example a mail address; empty when the file does not say.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What it is, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The canonical JSON whose digest names this version.</summary>
    public required string CanonicalJson { get; init; }

    /// <summary>SHA-256 of <see cref="CanonicalJson"/> in UTF-8, lower-case hexadecimal.</summary>
    public required string Digest { get; init; }

    /// <summary>Which kind of asset this is.</summary>
    public abstract DefinitionKind Kind { get; }

    /// <summary>How other definitions refer to it: <c>name/1</c> for a contract, <c>name@v1</c> otherwise.</summary>
    public virtual string Reference => $"{Name}@v{Version}";
}

/// <summary>The kinds of definition files.</summary>
public enum DefinitionKind
{
    /// <summary>An Open Data Contract Standard document.</summary>
    DataContract,

    /// <summary>Whom features describe.</summary>
    Entity,

    /// <summary>Features of one entity, from one source.</summary>
    FeatureView,

    /// <summary>The ordered features that a model reads.</summary>
    FeatureService,

    /// <summary>A model family: what it reads, how it is trained, its threshold and fallback.</summary>
    Model,
}
