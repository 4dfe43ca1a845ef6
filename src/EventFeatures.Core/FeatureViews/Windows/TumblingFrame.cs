using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The bucket that holds the end, up to the end; or the whole one before it.</summary>
internal sealed class TumblingFrame(Window.Tumbling window) : RangeFrame(window)
{
    public override InstantRange RangeAt(Instant end)
    {
        // Of two buckets that meet at the end, the one that holds its own end has it.
        var start = Floor(window.Edges.HoldsEnd() ? end - new Duration(1) : end, window.Length);
        return window.Previous
            ? new InstantRange(window.Edges.FirstFrom(start - window.Length), window.Edges.LastUntil(start))
            : new InstantRange(window.Edges.FirstFrom(start), window.Edges.LastUntil(end));
    }

    protected override Duration EndLag => window.Previous ? window.Length : Duration.Zero;

    protected override WindowPast PastOf(FeatureKernel kernel) => new TiledPast(kernel, new Grid.Even(window.Length, window.Edges));
}
