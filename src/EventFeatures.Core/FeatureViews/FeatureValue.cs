using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Whether a feature has a value, and if not why. The same words online and in batch.</summary>
public enum FeatureStatus : byte
{
    /// <summary>A value.</summary>
    Present,

    /// <summary>Known to be null: there were events, but none gave a value.</summary>
    Null,

    /// <summary>The entity has no event.</summary>
    NotFound,

    /// <summary>The entity's newest event is older than the TTL.</summary>
    OutsideMaxAge,

    /// <summary>The data subject was erased.</summary>
    Erased,
}

/// <summary>A feature's value at some (entity, T, P), with its status and freshness.</summary>
/// <param name="Value">The value; null unless <paramref name="Status"/> is <see cref="FeatureStatus.Present"/>.</param>
/// <param name="Status">Whether there is a value, and if not why.</param>
/// <param name="OccurredAt">The event time of the entity's newest event at or before T; null if there is none.</param>
public readonly record struct FeatureValue(Value Value, FeatureStatus Status, Instant? OccurredAt)
{
    /// <summary>What an aggregate gave over an entity's events.</summary>
    internal static FeatureValue Of(in Value value, Instant? occurredAt) =>
        new(value, value.IsNull ? FeatureStatus.Null : FeatureStatus.Present, occurredAt);

    /// <summary>The name of a status as it is written everywhere outside: <c>NOT_FOUND</c> and so on.</summary>
    public static string Name(FeatureStatus status) => status switch
    {
        FeatureStatus.Present => "PRESENT",
        FeatureStatus.Null => "NULL",
        FeatureStatus.NotFound => "NOT_FOUND",
        FeatureStatus.OutsideMaxAge => "OUTSIDE_MAX_AGE",
        FeatureStatus.Erased => "ERASED",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
