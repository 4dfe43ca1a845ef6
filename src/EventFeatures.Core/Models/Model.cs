using EventFeatures.Core.Definitions;

namespace EventFeatures.Core.Models;

/// <summary>A model family: what it reads, how it is trained, what its score decides, and what answers in its stead.</summary>
public sealed record Model : Definition
{
    /// <inheritdoc/>
    public override DefinitionKind Kind => DefinitionKind.Model;

    /// <summary>The feature service, <c>name@v1</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The score from which on the decision is positive, included; in [0, 1].</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>What a score at or above the threshold decides, for example <c>decline</c>.</summary>
    public string PositiveDecision { get; init; } = "positive";

    /// <summary>What a score below the threshold decides, for example <c>approve</c>.</summary>
    public string NegativeDecision { get; init; } = "negative";

    /// <summary>The constant score that answers when no model can; <see langword="null"/>: the request is refused instead.</summary>
    public double? FallbackScore { get; init; }

    /// <summary>Why the constant is what it is, for example <c>base rate of 2025</c>.</summary>
    public string FallbackReason { get; init; } = "";
}
