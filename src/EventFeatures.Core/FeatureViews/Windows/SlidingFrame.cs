using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The last so long; with a resolution, from the last multiple of it on.</summary>
internal sealed class SlidingFrame(Window.Sliding window) : RangeFrame(window)
{
    public override InstantRange RangeAt(Instant end)
    {
        var start = end - window.Length;
        if (window.Resolution is { } resolution) start = Floor(start, resolution);
        return new InstantRange(window.Edges.FirstFrom(start), window.Edges.LastUntil(end));
    }

    protected override bool ReadsAllRows => window.Resolution is null;

    protected override Duration? RowReach => new(window.Length.Microseconds + (window.Resolution?.Microseconds ?? 0));

    protected override WindowPast PastOf(FeatureKernel kernel) => window.Resolution is { } resolution
        ? new TiledPast(kernel, new Grid.Even(resolution, window.Edges))
        : ExactPast.Instance;
}
