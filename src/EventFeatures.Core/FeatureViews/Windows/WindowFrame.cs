using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>
/// Picks the rows of one window. Every window is a run of rows in fold order that ends with its last instant, so all
/// that its kind has to say is where the run starts.
/// </summary>
/// <param name="window">The window.</param>
/// <param name="rowsMax">How many rows it holds at most.</param>
internal abstract class WindowFrame(Window window, int rowsMax = int.MaxValue)
{
    /// <summary>Where a window starts whose start none of the candidates tells: they are in, and perhaps older rows too.</summary>
    protected const int BeforeAll = -1;

    /// <summary>The frame of a window.</summary>
    /// <param name="window">A window that <see cref="WindowRules"/> found nothing wrong with.</param>
    /// <param name="condition">The condition of a window that has one, bound to the view's columns.</param>
    public static WindowFrame For(Window window, CompiledExpression? condition) => window switch
    {
        Window.Unbounded => new OpenFrame(window),
        Window.Rows rows => new OpenFrame(window, rows.Count),
        Window.Sliding sliding => new SlidingFrame(sliding),
        Window.Tumbling tumbling => new TumblingFrame(tumbling),
        Window.Hopping hopping => new HoppingFrame(hopping),
        Window.Calendar calendar => new CalendarFrame(calendar),
        Window.Session session => new SessionFrame(session),
        Window.Since since => new SinceFrame(since, condition!),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Whether it holds all rows of <see cref="RangeAt"/>, or the newest of them where there are too many.</summary>
    public virtual bool IsRange => false;

    /// <summary>Whether some of the rows at the asked instant may be left out.</summary>
    public bool Excludes => window.Exclude != WindowExclusion.None;

    /// <summary>How many rows it holds at most.</summary>
    public int RowsMax { get; } = Math.Min(rowsMax, window.RowsMax ?? int.MaxValue);

    /// <summary>How far the window's end lies before the asked instant.</summary>
    public Duration Offset => window.Offset;

    /// <summary>
    /// Which rows an entity's state must keep so that it can pick this window's at any as-of instant from a certain one
    /// on; what the others came to, its <see cref="NewPast"/> knows.
    /// </summary>
    public RowNeed Need => RowsMax < int.MaxValue
        ? new RowNeed(new Duration(Offset.Microseconds + EndLag.Microseconds), RowsMax, RowReach)
        : new RowNeed(Offset, ReadsAllRows ? int.MaxValue : 0, RowReach);

    /// <summary>Picks among rows that are in fold order and none of them after <paramref name="asOf"/>.</summary>
    public WindowSelection Select(ReadOnlySpan<FeatureRow> rows, Instant asOf)
    {
        var range = RangeAt(asOf - Offset);
        var candidates = Candidates.Of(rows, asOf, window.Exclude).Until(range.Last);
        var floor = Math.Max(0, candidates.Count - RowsMax);
        var first = FirstOf(candidates, range, floor);
        var start = Math.Min(Math.Max(first, floor), candidates.Run.Length);
        return new WindowSelection(candidates.Run[start..], start, candidates.Last, range, first == BeforeAll && candidates.Count < RowsMax);
    }

    /// <summary>What rows that are kept no more came to, empty.</summary>
    public WindowPast NewPast(FeatureKernel kernel) => RowsMax < int.MaxValue ? ExactPast.Instance : PastOf(kernel);

    /// <summary>The window's instants, given the asked instant less the offset.</summary>
    public virtual InstantRange RangeAt(Instant end) => new(null, window.Edges.LastUntil(end));

    /// <summary>
    /// The index of the first candidate that is in, or <see cref="BeforeAll"/>. Those before <paramref name="floor"/> are
    /// too many in any case and need not be looked at.
    /// </summary>
    protected abstract int FirstOf(Candidates candidates, InstantRange range, int floor);

    /// <summary>Whether the window cannot be told without its rows, at both of its edges.</summary>
    protected virtual bool ReadsAllRows => false;

    /// <summary>How long before the asked instant less the offset the window may end.</summary>
    protected virtual Duration EndLag => Duration.Zero;

    /// <summary>How long before its end the window may start, where that bounds the rows it needs.</summary>
    protected virtual Duration? RowReach => null;

    protected abstract WindowPast PastOf(FeatureKernel kernel);
}

/// <summary>Which rows a window needs, for as-of instants from some <c>T</c> on.</summary>
/// <param name="Offset">All rows at or after <c>T - Offset</c>, and</param>
/// <param name="RowsBefore">so many before those,</param>
/// <param name="Reach">unless they lie more than this before <c>T - Offset</c>; null for however far.</param>
internal readonly record struct RowNeed(Duration Offset, int RowsBefore, Duration? Reach);
