using EventFeatures.Core.Events;

namespace EventFeatures.Core.Predictions;

/// <summary>Whether a prediction could be reproduced from the log, and if not what differs and why.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="Result">The answer.</param>
/// <param name="Code">A stable kebab-case code; equals the result's name when there is nothing to add.</param>
/// <param name="Detail">The evidence in one sentence.</param>
public sealed record ReplayVerdict(string PredictionId, ReplayResult Result, string Code, string Detail)
{
    /// <summary>Each feature or output that differs, in the model's order.</summary>
    public IReadOnlyList<ReplayDifference> Differences { get; init; } = [];

    /// <summary>How many log events the vector was folded from.</summary>
    public long EventsFolded { get; init; }

    /// <summary>A result's name outside: <c>reproduced</c>, <c>diverged</c>, <c>unreproducible</c>, <c>not-comparable</c>.</summary>
    public static string Name(ReplayResult result) => result switch
    {
        ReplayResult.Reproduced => "reproduced",
        ReplayResult.Diverged => "diverged",
        ReplayResult.Unreproducible => "unreproducible",
        ReplayResult.NotComparable => "not-comparable",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>What a replay found.</summary>
public enum ReplayResult
{
    /// <summary>The same vector and the same score, bit for bit.</summary>
    Reproduced,

    /// <summary>The same ingredients gave other bits.</summary>
    Diverged,

    /// <summary>An ingredient is gone; the code says which.</summary>
    Unreproducible,

    /// <summary>The vector is the same, but the score was computed by a runtime whose bits need not be equal; the distance is told.</summary>
    NotComparable,
}

/// <summary>One thing that a replay found different.</summary>
/// <param name="What">The feature's name, or <c>output</c>, <c>score</c> or <c>decision</c>.</param>
/// <param name="Recorded">What the dossier says.</param>
/// <param name="Replayed">What the log gives.</param>
/// <param name="UlpDistance">Units in the last place between the two; null where they are not numbers.</param>
/// <param name="FromEvent">The first event in the log's order from which on the values differ, where it can be told.</param>
public sealed record ReplayDifference(string What, string Recorded, string Replayed, ulong? UlpDistance, EventReference? FromEvent);

/// <summary>Names one event of the log.</summary>
public sealed record EventReference(Guid EventId, string StreamId, long Revision, Position Position);
