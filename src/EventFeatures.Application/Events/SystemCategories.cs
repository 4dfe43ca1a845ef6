namespace EventFeatures.Application.Events;

/// <summary>Categories of streams that the system writes alone: what they say decides what other events mean.</summary>
internal static class SystemCategories
{
    /// <summary>Without these, predictions could not be reproduced, or changes not be accounted for: no retention takes anything from them.</summary>
    public static readonly IReadOnlyList<string> Kept =
        ["prediction", "contract", "entity", "featureview", "featureservice", "model", "experiment", "policy", "subject", "treehead", "scavenge", "positionmap"];

    /// <summary>Those of which old events may go.</summary>
    private static readonly string[] Others = ["monitor", "quarantine"];

    private static readonly HashSet<string> All = [.. Kept, .. Others];

    public static bool Contain(string category) => All.Contains(category);
}
