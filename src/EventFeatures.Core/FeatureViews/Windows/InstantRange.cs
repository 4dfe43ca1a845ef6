using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>
/// The instants of a window, both ends included. Time goes in whole microseconds, so an edge that is left out is the
/// microsecond beside it, and nothing below this has to know how a window's edges are. Empty when the last precedes the first.
/// </summary>
/// <param name="First">The first instant; null for the beginning of time.</param>
/// <param name="Last">The last instant.</param>
internal readonly record struct InstantRange(Instant? First, Instant Last);

/// <summary>What a rule about edges means for the microseconds.</summary>
internal static class EdgeRules
{
    private static readonly Duration Microsecond = new(1);

    public static bool HoldsStart(this WindowEdges edges) => edges != WindowEdges.StartOpen;

    public static bool HoldsEnd(this WindowEdges edges) => edges != WindowEdges.EndOpen;

    /// <summary>The first instant of what starts at an edge.</summary>
    public static Instant FirstFrom(this WindowEdges edges, Instant start) => edges.HoldsStart() ? start : start + Microsecond;

    /// <summary>The last instant of what ends at an edge.</summary>
    public static Instant LastUntil(this WindowEdges edges, Instant end) => edges.HoldsEnd() ? end : end - Microsecond;
}
