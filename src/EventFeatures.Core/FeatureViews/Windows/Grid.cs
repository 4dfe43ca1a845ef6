using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>
/// Cuts time into tiles that no window of a kind ever cuts through: a window's range holds a tile's instants all or
/// not at all. Where both edges of a window are closed, an instant between two windows belongs to both and is a tile
/// of its own. A tile is named by its first instant.
/// </summary>
internal abstract class Grid(WindowEdges edges)
{
    /// <summary>The tile that holds an instant.</summary>
    public Instant TileOf(Instant at)
    {
        var start = CutBefore(edges == WindowEdges.StartOpen ? at - new Duration(1) : at);
        return edges == WindowEdges.EndOpen || start == at ? start : start + new Duration(1);
    }

    /// <summary>The last cut at or before an instant.</summary>
    protected abstract Instant CutBefore(Instant at);

    /// <summary>The last multiple at or before a number.</summary>
    public static long Floor(long number, long of) => (number >= 0 ? number / of : -((-number + of - 1) / of)) * of;

    /// <summary>Cuts at the multiples of a length, counted from the Unix epoch.</summary>
    public sealed class Even(Duration length, WindowEdges edges) : Grid(edges)
    {
        protected override Instant CutBefore(Instant at) => new(Floor(at.Microseconds, length.Microseconds));
    }

    /// <summary>Cuts where periods begin.</summary>
    public sealed class Periods(CalendarPeriods periods, WindowEdges edges) : Grid(edges)
    {
        protected override Instant CutBefore(Instant at) => periods.StartOf(at);
    }
}
