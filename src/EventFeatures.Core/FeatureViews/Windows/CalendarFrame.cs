using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;
using EventFeatures.Core.Time.Zones;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The period that holds the end, up to the end; or the whole one before it.</summary>
internal sealed class CalendarFrame(Window.Calendar window) : RangeFrame(window)
{
    private readonly CalendarPeriods _periods = new(window.Period, ZoneTable.Find(window.Zone)!);

    public override InstantRange RangeAt(Instant end)
    {
        var start = _periods.StartOf(window.Edges.HoldsEnd() ? end - new Duration(1) : end);
        return window.Previous
            ? new InstantRange(window.Edges.FirstFrom(_periods.StartOf(start - new Duration(1))), window.Edges.LastUntil(start))
            : new InstantRange(window.Edges.FirstFrom(start), window.Edges.LastUntil(end));
    }

    protected override Duration EndLag => window.Previous ? _periods.LengthMax : Duration.Zero;

    protected override WindowPast PastOf(FeatureKernel kernel) => new TiledPast(kernel, new Grid.Periods(_periods, window.Edges));
}
