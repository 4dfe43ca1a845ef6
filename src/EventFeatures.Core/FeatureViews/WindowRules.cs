using EventFeatures.Core.Definitions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Time.Zones;

namespace EventFeatures.Core.FeatureViews;

/// <summary>What a window must be to mean anything, and to stay within bounds of memory.</summary>
internal static class WindowRules
{
    /// <summary>The most rows that a window may ask for by number: an entity's state keeps them all.</summary>
    public const int RowsMax = 10_000;

    /// <summary>The most tiles that a window may be made of: an entity's state keeps a fold for each that is not empty.</summary>
    public const int TilesMax = 10_000;

    // A thousand years: past that a window is a mistake, and instants could overflow.
    private static readonly Duration LengthMax = Duration.Parse("365000d");

    /// <summary>Why a window is not possible; empty if it is.</summary>
    public static IEnumerable<string> Check(Window window)
    {
        foreach (var reason in CheckKind(window)) yield return reason;
        if (window.Offset < Duration.Zero || window.Offset > LengthMax)
            yield return $"An offset of {window.Offset} is not possible. Give at most {LengthMax}, or leave it out.";
        if (window.RowsMax is { } rows && rows is < 1 or > RowsMax)
            yield return $"max_rows is {window.RowsMax}. Give from 1 to {RowsMax}.";
    }

    private static IEnumerable<string> CheckKind(Window window) => window switch
    {
        Window.Unbounded => [],
        Window.Sliding sliding => [.. CheckLength("A window", sliding.Length), .. CheckResolution(sliding)],
        Window.Tumbling tumbling => CheckLength("A window", tumbling.Length),
        Window.Hopping hopping => [.. CheckLength("A window", hopping.Length), .. CheckLength("A hop", hopping.Every)],
        Window.Session session => CheckLength("A gap", session.Gap),
        Window.Rows { Count: var count } => count is < 1 or > RowsMax ? [$"A window of {count} rows is not possible. Ask for from 1 to {RowsMax}."] : [],
        Window.Since since => since.Condition.Length == 0 ? ["'since' is empty. Write the condition that the window starts after."] : [],
        Window.Calendar calendar => ZoneTable.Find(calendar.Zone) is null
            ? [$"There is no time zone '{calendar.Zone}' in the IANA database {ZoneTable.Version}.{Suggestion.For(calendar.Zone, ZoneTable.Names)}"]
            : [],
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IEnumerable<string> CheckLength(string what, Duration length)
    {
        if (length <= Duration.Zero || length > LengthMax) yield return $"{what} of {length} is not possible. Give more than nothing and at most {LengthMax}.";
    }

    private static IEnumerable<string> CheckResolution(Window.Sliding window)
    {
        if (window.Resolution is not { } resolution || window.Length <= Duration.Zero) yield break;
        if (resolution <= Duration.Zero || resolution > window.Length)
            yield return $"A resolution of {resolution} is not possible for a window of {window.Length}. Give more than nothing and at most the window's length.";
        else if (window.Length.Microseconds / resolution.Microseconds > TilesMax)
            yield return $"A resolution of {resolution} cuts a window of {window.Length} into more than {TilesMax} tiles. Give a coarser one.";
    }
}
