using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Finds the rows of one window.</summary>
internal sealed class WindowFrame(Window window)
{
    public bool IsUnbounded => window is Window.Unbounded;

    /// <summary>The window's rows among rows that are in fold order and none of them after <paramref name="asOf"/>.</summary>
    public ReadOnlySpan<FeatureRow> Rows(ReadOnlySpan<FeatureRow> rows, Instant asOf)
    {
        var bounds = WindowBounds.Of(window, asOf);
        var end = bounds.Until == asOf ? rows.Length : RowSearch.CountUntil(rows, bounds.Until);
        var start = bounds.After is { } after ? RowSearch.CountUntil(rows[..end], after) : 0;
        return rows[start..end];
    }
}
