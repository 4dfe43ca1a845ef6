using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Which of an entity's events count at an as-of time <c>T</c>.</summary>
public abstract record Window
{
    private Window() { }

    /// <summary>All events at or before <c>T</c>.</summary>
    public sealed record Unbounded : Window;

    /// <summary>Events with <c>T - Length &lt; occurredAt &lt;= T</c>.</summary>
    public sealed record Sliding(Duration Length) : Window;

    /// <summary>
    /// Events at or before <c>T</c> of the bucket of this length, aligned to the Unix epoch, that holds <c>T</c>,
    /// or of the last complete one before it. A bucket holds its end and not its start, as every window does.
    /// </summary>
    public sealed record Tumbling(Duration Length, bool Previous) : Window;
}
