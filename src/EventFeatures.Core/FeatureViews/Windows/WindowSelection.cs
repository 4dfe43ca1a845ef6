namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>What a window picked among the rows that it was shown.</summary>
/// <param name="run">The rows in a run.</param>
/// <param name="start">Where the run starts among the rows shown.</param>
/// <param name="last">One more row, after a gap.</param>
/// <param name="range">The window's instants.</param>
/// <param name="reachesBack">
/// Whether rows older than all that were shown may belong to the window too: none of those shown ended it.
/// </param>
internal readonly ref struct WindowSelection(ReadOnlySpan<FeatureRow> run, int start, FeatureRow? last, InstantRange range, bool reachesBack)
{
    public ReadOnlySpan<FeatureRow> Run { get; } = run;

    public int Start { get; } = start;

    public FeatureRow? Last { get; } = last;

    public InstantRange Range { get; } = range;

    public bool ReachesBack { get; } = reachesBack;

    /// <summary>The oldest row; null when none was picked.</summary>
    public FeatureRow? Oldest => Run.IsEmpty ? Last : Run[0];
}
