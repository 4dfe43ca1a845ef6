using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Which of an entity's events a feature is about at an as-of time <c>T</c>. A window picks among all events of the
/// entity that the view reads; the feature's <c>where</c> then says which of those picked count.
/// </summary>
public abstract record Window
{
    private Window() { }

    /// <summary><c>offset</c>: the window is that of <c>T - Offset</c>. Zero or more.</summary>
    public Duration Offset { get; init; }

    /// <summary><c>max_rows</c>: of the window's events the newest so many, by event time and position; null for all.</summary>
    public int? RowsMax { get; init; }

    /// <summary>
    /// <c>exclude</c>: which of the events at the asked <c>T</c>, before any offset, are left out. What is left out is
    /// as if it had not happened: it takes no place among the last rows and joins no session.
    /// </summary>
    public WindowExclusion Exclude { get; init; }

    /// <summary>
    /// <c>bounds</c>: whether an event exactly at an edge is in. A window that starts at an event, such as the last
    /// rows or a session, has an edge at its end alone.
    /// </summary>
    public WindowEdges Edges { get; init; }

    /// <summary>All events at or before <c>T</c>.</summary>
    public sealed record Unbounded : Window;

    /// <summary>Events with <c>T - Length &lt; occurredAt &lt;= T</c>.</summary>
    public sealed record Sliding(Duration Length) : Window
    {
        /// <summary>
        /// <c>resolution</c>: the window starts at the last multiple of this, counted from the Unix epoch, at or before
        /// <c>T - Length</c>. So it holds all that the exact window holds, and less than one resolution more at its
        /// tail; its end stays exact. Null for exact at both ends.
        /// </summary>
        public Duration? Resolution { get; init; }
    }

    /// <summary>
    /// Events at or before <c>T</c> of the bucket of this length, aligned to the Unix epoch, that holds <c>T</c>,
    /// or of the one before it. A bucket holds its end and not its start, unless the edges are <c>[)</c>.
    /// </summary>
    public sealed record Tumbling(Duration Length, bool Previous = false) : Window;

    /// <summary>
    /// The newest complete window of this length whose end is a multiple of <paramref name="Every"/>, counted from the
    /// Unix epoch. A window is complete once its end is reached, at <c>T</c> itself at the latest.
    /// </summary>
    public sealed record Hopping(Duration Length, Duration Every) : Window;

    /// <summary>
    /// The session that <c>T</c> is in or, if that is over, the last one: the newest event and all those before it that
    /// hang together. Two events belong together iff less than the gap lies between them, or exactly the gap when
    /// <paramref name="Touching"/>.
    /// </summary>
    public sealed record Session(Duration Gap, bool Touching = false) : Window;

    /// <summary>The last so many events.</summary>
    public sealed record Rows(int Count) : Window;

    /// <summary>
    /// The events after the last one before <c>T</c> for which the condition held, by event time and position. That one
    /// is in only when the edges are closed at the start. An event at <c>T</c> is in whether it holds or not. All
    /// events while it never held.
    /// </summary>
    public sealed record Since(string Condition) : Window;

    /// <summary>
    /// Events at or before <c>T</c> of the calendar period of a time zone that holds <c>T</c>, or of the one before it.
    /// As a bucket, a period holds its end and not its start, unless the edges are <c>[)</c>.
    /// </summary>
    public sealed record Calendar(CalendarPeriod Period, string Zone, bool Previous = false) : Window;
}

/// <summary>Whether an event exactly at a window's edge is in.</summary>
public enum WindowEdges : byte
{
    /// <summary><c>(]</c>: not at the start, but at the end.</summary>
    StartOpen,

    /// <summary><c>[]</c>: at both.</summary>
    Closed,

    /// <summary><c>[)</c>: at the start, but not at the end.</summary>
    EndOpen,
}

/// <summary>Which of the events at the asked instant are left out.</summary>
public enum WindowExclusion : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>All.</summary>
    SameTime,

    /// <summary>All but the newest by position.</summary>
    Ties,

    /// <summary>The newest by position.</summary>
    Newest,
}

/// <summary>A period of the calendar.</summary>
public enum CalendarPeriod : byte
{
    /// <summary>From midnight to midnight.</summary>
    Day,

    /// <summary>From Monday to Sunday.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,

    /// <summary>A year.</summary>
    Year,
}
