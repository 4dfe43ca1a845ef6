using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Predictions;

/// <summary>All that is needed to explain and to reproduce one automated decision. Durable before it is answered.</summary>
public sealed record PredictionMade
{
    /// <summary>The event's type.</summary>
    public const string Type = "PredictionMade";

    /// <summary>The caller's id; the dossier is the stream <c>prediction-&lt;id&gt;</c>.</summary>
    public required string PredictionId { get; init; }

    /// <summary>What was asked.</summary>
    public required PredictionRequest Request { get; init; }

    /// <summary>The instant <c>T</c> that the features describe.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The feature service, <c>name@v1</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The digest of the feature service's definition.</summary>
    public required string ServiceDigest { get; init; }

    /// <summary>Each view that was read, with its version's digest and its position <c>P</c>. Empty when no view answered.</summary>
    public required IReadOnlyList<ViewUse> Views { get; init; }

    /// <summary>The inputs in the model's order. Empty when the features could not be read.</summary>
    public required IReadOnlyList<ServiceValue> Features { get; init; }

    /// <summary>The model that scored; null when the fallback answered before any model was chosen.</summary>
    public ModelUse? Model { get; init; }

    /// <summary>Who answered, and why it was not the champion.</summary>
    public required PredictionRoute Route { get; init; }

    /// <summary>The model's raw output; null when the fallback answered.</summary>
    public float? Output { get; init; }

    /// <summary>The probability that was answered: <see cref="Output"/> widened exactly, or the fallback's constant.</summary>
    public required double Score { get; init; }

    /// <summary>How sure the decision is: the probability of the side that was decided, in [0.5, 1] for a threshold of a half.</summary>
    public required double Confidence { get; init; }

    /// <summary>The score from which on the decision was positive.</summary>
    public required double Threshold { get; init; }

    /// <summary>The decision, in the model's words.</summary>
    public required string Decision { get; init; }

    /// <summary>The features that moved the score most, strongest first; at most four.</summary>
    public required IReadOnlyList<ReasonCode> Reasons { get; init; }

    /// <summary>Microseconds by stage, in the order in which they ran. The append itself cannot be in its own event.</summary>
    public required IReadOnlyList<StageLatency> Latency { get; init; }

    /// <summary>What the score's bits depend on besides the vector; null when the fallback answered.</summary>
    public ExecutionFingerprint? Fingerprint { get; init; }

    /// <summary>Ties together all that one request caused.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The authenticated caller.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The version of the software that answered.</summary>
    public required string Software { get; init; }

    /// <summary>The stream that holds a prediction's whole dossier.</summary>
    public static string StreamOf(string predictionId) => "prediction-" + predictionId;
}

/// <summary>What a caller asked. Two requests under one prediction id must be equal in this.</summary>
/// <param name="Model">The model family's name.</param>
/// <param name="Entities">The entities' keys by entity name.</param>
/// <param name="Context">What the request itself brought, by field name.</param>
/// <param name="AsOf">The stated as-of time; null: the server's clock.</param>
/// <param name="KnownAt">The stated known-at position; null: what the views know.</param>
/// <param name="MinPosition">The stated consistency token.</param>
public sealed record PredictionRequest(
    string Model,
    IReadOnlyDictionary<string, string> Entities,
    IReadOnlyDictionary<string, Value> Context,
    Instant? AsOf,
    Position? KnownAt,
    Position? MinPosition);

/// <summary>One view as a prediction read it.</summary>
/// <param name="View">The view and its version.</param>
/// <param name="Digest">The digest of that version's definition.</param>
/// <param name="ContractDigest">The digest of the contract that its source was read by; of several sources, theirs in order with <c>+</c> between them.</param>
/// <param name="Entity">The entity's name.</param>
/// <param name="EntityKey">The entity's key; the parts of a composite one joined as <see cref="Entities.EntityKeys"/> does.</param>
/// <param name="KnownAt">The position <c>P</c> that the values know of.</param>
public sealed record ViewUse(ViewReference View, string Digest, string ContractDigest, string Entity, string EntityKey, Position KnownAt);

/// <summary>The model that scored.</summary>
/// <param name="Name">The model family.</param>
/// <param name="Version">The version within the family.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
/// <param name="TrainingSetDigest">The digest of its training set's manifest, where it was trained here.</param>
public sealed record ModelUse(string Name, int Version, string Digest, string? TrainingSetDigest);

/// <summary>Who answered.</summary>
/// <param name="Name"><c>champion</c> or <c>fallback</c>.</param>
/// <param name="Code">Why the fallback answered: a stable kebab-case code; empty for the champion.</param>
/// <param name="Detail">The same for people; empty for the champion.</param>
public sealed record PredictionRoute(string Name, string Code = "", string Detail = "")
{
    /// <summary>The champion scored within its budget.</summary>
    public static readonly PredictionRoute Champion = new("champion");

    /// <summary>The model's constant answered.</summary>
    public static PredictionRoute Fallback(string code, string detail) => new("fallback", code, detail);

    /// <summary>Whether a constant answered instead of a model.</summary>
    public bool IsFallback => Name == "fallback";
}

/// <summary>One feature's part in a score.</summary>
/// <param name="Feature">The input's name.</param>
/// <param name="ScoreChange">The score as it is, less the score without this feature: positive raises the score.</param>
public sealed record ReasonCode(string Feature, double ScoreChange);

/// <summary>How long one stage took.</summary>
public sealed record StageLatency(string Stage, long Microseconds);
