using System.Numerics;
using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The newest window that is over.</summary>
internal sealed class HoppingFrame(Window.Hopping window) : RangeFrame(window)
{
    // Every window starts and ends at a multiple of what divides both its length and its hops.
    private readonly Duration _tile = new((long)BigInteger.GreatestCommonDivisor(window.Length.Microseconds, window.Every.Microseconds));

    // Where that is too short for tiles to be fewer than rows, the rows are kept.
    protected override bool ReadsAllRows => window.Length.Microseconds / _tile.Microseconds > WindowRules.TilesMax;

    protected override Duration EndLag => window.Every;

    protected override Duration? RowReach => new(window.Length.Microseconds + window.Every.Microseconds);

    public override InstantRange RangeAt(Instant end)
    {
        var over = Floor(end, window.Every);
        return new InstantRange(window.Edges.FirstFrom(over - window.Length), window.Edges.LastUntil(over));
    }

    protected override WindowPast PastOf(FeatureKernel kernel) => ReadsAllRows ? ExactPast.Instance : new TiledPast(kernel, new Grid.Even(_tile, window.Edges));
}
