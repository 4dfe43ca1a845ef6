using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The last row and all before it that hang together with it.</summary>
internal sealed class SessionFrame(Window.Session window) : WindowFrame(window)
{
    /// <summary>Whether two instants, in order, belong together.</summary>
    public bool Joins(Instant earlier, Instant later) => later - earlier is var distance && (distance < window.Gap || (window.Touching && distance == window.Gap));

    protected override int FirstOf(Candidates candidates, InstantRange range, int floor)
    {
        for (var first = candidates.Count - 1; first > floor; first--)
            if (!Joins(candidates[first - 1].OccurredAt, candidates[first].OccurredAt)) return first;
        return BeforeAll;
    }

    protected override WindowPast PastOf(FeatureKernel kernel) => new SessionPast(kernel, this);
}
