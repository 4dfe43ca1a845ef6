using System.Numerics;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>
/// The windows as their definitions read, one event after the other over the whole history, with no thought of speed.
/// It shares nothing with the kernels: calendars are those of the machine's own time zones.
/// </summary>
internal static class NaiveWindows
{
    /// <summary>The events of a window at an asked instant.</summary>
    /// <param name="window">The window.</param>
    /// <param name="history">All events that are known, whenever they occurred.</param>
    /// <param name="asked">The instant that was asked for.</param>
    /// <param name="holds">The condition of a window that has one.</param>
    public static IReadOnlyList<FeatureRow> In(Window window, IEnumerable<FeatureRow> history, Instant asked, Func<FeatureRow, bool> holds)
    {
        var happened = history.Where(row => row.OccurredAt <= asked).OrderBy(row => row.OccurredAt).ThenBy(row => row.Position).ToList();
        var atAsked = happened.Where(row => row.OccurredAt == asked).ToList();
        IEnumerable<FeatureRow> leftOut = window.Exclude switch
        {
            WindowExclusion.SameTime => atAsked,
            WindowExclusion.Ties => atAsked.SkipLast(1),
            WindowExclusion.Newest => atAsked.TakeLast(1),
            _ => [],
        };
        var events = happened.Except(leftOut).ToList();
        var inWindow = ByKind(window, events, asked - window.Offset, holds);
        return [.. inWindow.TakeLast(window.RowsMax ?? int.MaxValue)];
    }

    private static IEnumerable<FeatureRow> ByKind(Window window, List<FeatureRow> events, Instant t, Func<FeatureRow, bool> holds)
    {
        var untilT = events.Where(row => IsUntil(window, row, t)).ToList();
        switch (window)
        {
            case Window.Unbounded:
                return untilT;
            case Window.Sliding sliding:
                var start = t - sliding.Length;
                if (sliding.Resolution is { } resolution) start = new Instant(MultipleBefore(start.Microseconds, resolution.Microseconds));
                return untilT.Where(row => IsFrom(window, row, start));
            case Window.Tumbling tumbling:
                var bucketStart = new Instant(MultipleBefore(t.Microseconds, tumbling.Length.Microseconds));
                if (bucketStart == t && window.Edges != WindowEdges.EndOpen) bucketStart -= tumbling.Length;
                return tumbling.Previous
                    ? events.Where(row => IsFrom(window, row, bucketStart - tumbling.Length) && IsUntil(window, row, bucketStart))
                    : untilT.Where(row => IsFrom(window, row, bucketStart));
            case Window.Hopping hopping:
                var end = new Instant(MultipleBefore(t.Microseconds, hopping.Every.Microseconds));
                return events.Where(row => IsFrom(window, row, end - hopping.Length) && IsUntil(window, row, end));
            case Window.Session session:
                return Sessions(untilT, session).LastOrDefault() ?? [];
            case Window.Rows rows:
                return untilT.TakeLast(rows.Count);
            case Window.Since:
                var last = untilT.FindLastIndex(row => row.OccurredAt < t && holds(row));
                return untilT.Skip(window.Edges == WindowEdges.StartOpen ? last + 1 : Math.Max(last, 0));
            case Window.Calendar calendar:
                return InCalendar(calendar, events, t);
            default:
                throw new ArgumentOutOfRangeException(nameof(window));
        }
    }

    private static bool IsFrom(Window window, FeatureRow row, Instant start) =>
        window.Edges == WindowEdges.StartOpen ? row.OccurredAt > start : row.OccurredAt >= start;

    private static bool IsUntil(Window window, FeatureRow row, Instant end) =>
        window.Edges == WindowEdges.EndOpen ? row.OccurredAt < end : row.OccurredAt <= end;

    private static long MultipleBefore(long number, long of)
    {
        var quotient = BigInteger.DivRem(number, of, out var rest);
        return (long)((rest < 0 ? quotient - 1 : quotient) * of);
    }

    private static List<List<FeatureRow>> Sessions(List<FeatureRow> events, Window.Session session)
    {
        var sessions = new List<List<FeatureRow>>();
        foreach (var row in events)
        {
            var distance = sessions.Count == 0 ? (Duration?)null : row.OccurredAt - sessions[^1][^1].OccurredAt;
            var belongs = distance < session.Gap || (session.Touching && distance == session.Gap);
            if (!belongs) sessions.Add([]);
            sessions[^1].Add(row);
        }
        return sessions;
    }

    // An instant belongs to the period whose date the clock shows; where a period holds its end, to that of the microsecond before it.
    private static IEnumerable<FeatureRow> InCalendar(Window.Calendar calendar, List<FeatureRow> events, Instant t)
    {
        var closedEnd = calendar.Edges != WindowEdges.EndOpen;
        var period = PeriodOf(calendar, closedEnd ? t - Microsecond : t);
        if (calendar.Previous) period = Before(calendar.Period, period);
        return events.Where(row =>
        {
            if (!calendar.Previous && !IsUntil(calendar, row, t)) return false;
            var (inside, justAfter) = (PeriodOf(calendar, row.OccurredAt) == period, PeriodOf(calendar, row.OccurredAt - Microsecond) == period);
            return calendar.Edges switch
            {
                WindowEdges.StartOpen => justAfter,
                WindowEdges.EndOpen => inside,
                _ => inside || justAfter,
            };
        });
    }

    private static DateOnly PeriodOf(Window.Calendar calendar, Instant instant)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(calendar.Zone);
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant.ToDateTimeOffset(), zone).DateTime);
        while (calendar.Period == CalendarPeriod.Week && day.DayOfWeek != DayOfWeek.Monday) day = day.AddDays(-1);
        while (calendar.Period is CalendarPeriod.Month or CalendarPeriod.Year && day.Day != 1) day = day.AddDays(-1);
        while (calendar.Period == CalendarPeriod.Year && day.Month != 1) day = day.AddMonths(-1);
        return day;
    }

    private static DateOnly Before(CalendarPeriod period, DateOnly first) => period switch
    {
        CalendarPeriod.Day => first.AddDays(-1),
        CalendarPeriod.Week => first.AddDays(-7),
        CalendarPeriod.Month => first.AddMonths(-1),
        _ => first.AddYears(-1),
    };

    private static readonly Duration Microsecond = new(1);
}
