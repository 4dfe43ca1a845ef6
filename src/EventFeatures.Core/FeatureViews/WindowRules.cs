using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>What a window must be to mean anything.</summary>
internal static class WindowRules
{
    // A thousand years: past that a window is a mistake, and instants could overflow.
    private static readonly Duration LengthMax = Duration.Parse("365000d");

    /// <summary>Why a window is not possible; null if it is.</summary>
    public static string? Check(Window window)
    {
        Duration? length = window switch
        {
            Window.Sliding sliding => sliding.Length,
            Window.Tumbling tumbling => tumbling.Length,
            _ => null,
        };
        return length is { } given && (given <= Duration.Zero || given > LengthMax)
            ? $"A window of {given} is not possible. Give more than nothing and at most {LengthMax}."
            : null;
    }
}
