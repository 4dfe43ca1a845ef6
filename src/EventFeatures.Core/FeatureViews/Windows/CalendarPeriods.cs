using EventFeatures.Core.Time;
using EventFeatures.Core.Time.Zones;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The periods of a calendar in a time zone, one after the other without a gap.</summary>
internal sealed class CalendarPeriods(CalendarPeriod period, Zone zone)
{
    // Away from the ends of what dates can say, so that the periods beside one can be told too.
    private static readonly Instant Earliest = Instant.Parse("0002-01-08T00:00:00Z");
    private static readonly Instant Latest = Instant.Parse("9998-12-24T00:00:00Z");

    /// <summary>No period is longer: its days and, for clocks that were set, two more.</summary>
    public Duration LengthMax { get; } = Duration.Parse(period switch
    {
        CalendarPeriod.Day => "3d",
        CalendarPeriod.Week => "9d",
        CalendarPeriod.Month => "33d",
        CalendarPeriod.Year => "368d",
        _ => throw new System.Diagnostics.UnreachableException(),
    });

    /// <summary>When the period began that holds an instant; a period holds its start and not its end.</summary>
    public Instant StartOf(Instant instant)
    {
        if (instant < Earliest) instant = Earliest;
        if (instant > Latest) instant = Latest;
        var first = FirstDayOf(zone.DateAt(instant));
        var start = zone.StartOf(first);
        // Where a clock was set back over midnight, the local date may belong to a period that had ended before.
        for (var next = Next(first); zone.StartOf(next) is var later && later <= instant; next = Next(next)) start = later;
        return start;
    }

    private DateOnly FirstDayOf(DateOnly day) => period switch
    {
        CalendarPeriod.Day => day,
        CalendarPeriod.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        CalendarPeriod.Month => new DateOnly(day.Year, day.Month, 1),
        CalendarPeriod.Year => new DateOnly(day.Year, 1, 1),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private DateOnly Next(DateOnly first) => period switch
    {
        CalendarPeriod.Day => first.AddDays(1),
        CalendarPeriod.Week => first.AddDays(7),
        CalendarPeriod.Month => first.AddMonths(1),
        CalendarPeriod.Year => first.AddYears(1),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
