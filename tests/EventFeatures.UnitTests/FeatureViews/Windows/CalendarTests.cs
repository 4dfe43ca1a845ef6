using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>Where the periods of a calendar begin and end, to the microsecond.</summary>
public sealed class CalendarTests
{
    [Theory]
    // The day on which the clocks of Paris go forward has 23 hours, the one on which they go back has 25.
    [InlineData("day", "Europe/Paris", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("day", "Europe/Paris", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData("day", "Europe/Paris", "2026-07-01T12:00:00Z", "2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z")]
    [InlineData("day", "UTC", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z")]
    [InlineData("week", "Europe/Paris", "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("week", "UTC", "2026-01-01T12:00:00Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData("month", "Europe/Paris", "2026-03-29T12:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")]
    [InlineData("month", "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData("year", "Asia/Kolkata", "2026-07-01T12:00:00Z", "2025-12-31T18:30:00Z", "2026-12-31T18:30:00Z")]
    [InlineData("day", "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")]
    [InlineData("day", "Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")]
    public void A_period_holds_its_end_and_not_its_start_unless_its_bounds_say_otherwise(string period, string zone, string inside, string start, string end)
    {
        var (from, until, within) = (Instant.Parse(start), Instant.Parse(end), Instant.Parse(inside));
        var microsecond = new Duration(1);
        Instant[] events = [from - microsecond, from, from + microsecond, within, until - microsecond, until, until + microsecond];
        Held(WindowEdges.StartOpen, previous: false, until).ShouldBe([2, 3, 4, 5]);
        Held(WindowEdges.StartOpen, previous: false, within).ShouldBe([2, 3]);
        Held(WindowEdges.StartOpen, previous: true, until + microsecond).ShouldBe([2, 3, 4, 5]);
        Held(WindowEdges.EndOpen, previous: true, until).ShouldBe([1, 2, 3, 4]);
        Held(WindowEdges.EndOpen, previous: false, until - microsecond).ShouldBe([1, 2, 3]);
        Held(WindowEdges.Closed, previous: false, until).ShouldBe([1, 2, 3, 4, 5]);
        Held(WindowEdges.Closed, previous: true, until + microsecond).ShouldBe([1, 2, 3, 4, 5]);

        IEnumerable<long> Held(WindowEdges edges, bool previous, Instant asOf)
        {
            var view = Cards.Compiled(Cards.Feature("count", null, new Window.Calendar(Enum.Parse<CalendarPeriod>(period, ignoreCase: true), zone, previous) { Edges = edges }));
            var rows = view.Admit(events.Select((at, index) => Cards.Paid(index, at))).Rows;
            return view.Contributing(0, rows, asOf).Select(row => row.Revision);
        }
    }

    [Fact]
    public void The_period_before_a_day_that_never_was_is_the_day_before_it()
    {
        // Samoa went from 29 to 31 December 2011.
        var view = Cards.Compiled(Cards.Feature("count", null, new Window.Calendar(CalendarPeriod.Day, "Pacific/Apia", Previous: true)));
        var rows = view.Admit([Cards.Paid(0, Instant.Parse("2011-12-29T20:00:00Z"))]).Rows;
        view.Evaluate(rows, Instant.Parse("2011-12-31T09:00:00Z"))[0].Value.ShouldBe(Value.Of(1L));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.999999Z")]
    public void The_ends_of_time_have_periods_too(string at)
    {
        foreach (var period in Enum.GetValues<CalendarPeriod>())
        {
            var view = Cards.Compiled(Cards.Feature("count", null, new Window.Calendar(period, "Pacific/Kiritimati")), Cards.Feature("count", null, new Window.Calendar(period, "America/Adak", Previous: true), name: "g"));
            view.Evaluate(view.Admit([Cards.Paid(0, Instant.Parse(at))]).Rows, Instant.Parse(at))[0].Status.ShouldBe(FeatureStatus.Present);
        }
    }
}
