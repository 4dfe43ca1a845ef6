using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>The events that a window holds at one as-of instant: <c>After &lt; occurredAt &lt;= Until</c>.</summary>
/// <param name="After">The open start; null for since the beginning.</param>
/// <param name="Until">The closed end, at most the as-of instant.</param>
internal readonly record struct WindowBounds(Instant? After, Instant Until)
{
    /// <summary>The bounds of a window at an as-of instant.</summary>
    public static WindowBounds Of(Window window, Instant asOf) => window switch
    {
        Window.Unbounded => new WindowBounds(null, asOf),
        Window.Sliding sliding => new WindowBounds(asOf - sliding.Length, asOf),
        Window.Tumbling { Previous: false } tumbling => new WindowBounds(BucketStart(asOf, tumbling.Length), asOf),
        Window.Tumbling tumbling => new WindowBounds(BucketStart(asOf, tumbling.Length) - tumbling.Length, BucketStart(asOf, tumbling.Length)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>How far before any as-of instant a window can start; null for since the beginning.</summary>
    public static Duration? Reach(Window window) => window switch
    {
        Window.Unbounded => null,
        Window.Sliding sliding => sliding.Length,
        Window.Tumbling tumbling => new Duration(tumbling.Length.Microseconds * (tumbling.Previous ? 2 : 1)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // A bucket holds its end: the instant 10:00 belongs to the hour that ends then.
    private static Instant BucketStart(Instant asOf, Duration length)
    {
        var before = asOf.Microseconds - 1;
        var index = before >= 0 ? before / length.Microseconds : -((-before + length.Microseconds - 1) / length.Microseconds);
        return new Instant(index * length.Microseconds);
    }
}
