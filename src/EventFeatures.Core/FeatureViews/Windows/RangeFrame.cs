using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>A window that is a range of time.</summary>
internal abstract class RangeFrame(Window window) : WindowFrame(window)
{
    public sealed override bool IsRange => true;

    protected sealed override int FirstOf(Candidates candidates, InstantRange range, int floor) =>
        candidates.CountBefore(range.First!.Value) is var before && before > 0 ? before : BeforeAll;

    /// <summary>The last multiple of a length, counted from the Unix epoch, at or before an instant.</summary>
    protected static Instant Floor(Instant instant, Duration length) => new(Grid.Floor(instant.Microseconds, length.Microseconds));
}
