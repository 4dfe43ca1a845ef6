using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>Events that arrive when a state has folded away what lies around them.</summary>
public sealed class LateArrivalTests
{
    private static readonly Window HalfHourSessions = new Window.Session(Duration.Parse("30m"));

    [Fact]
    public void A_late_event_that_belongs_to_the_last_session_counts_in_it()
    {
        var state = Play(HalfHourSessions, "10:00", "10:20", "13:00", "09:45", "10:10", "10:40");
        Count(state, "12:00").ShouldBe(5);
        Count(state, "13:00").ShouldBe(1);
    }

    [Fact]
    public void A_late_event_that_belongs_to_a_session_long_over_changes_nothing() =>
        Count(Play(HalfHourSessions, "08:00", "10:00", "13:00", "08:10"), "12:00").ShouldBe(1);

    [Theory]
    [InlineData("09:40", "08:20", "08:40", "09:20", "09:00")]
    [InlineData("09:40", "09:20", "09:00", "08:40", "08:20")]
    [InlineData("08:20", "08:40", "09:00", "09:20", "09:40")]
    [InlineData("09:00", "08:40", "09:20", "08:20", "09:40")]
    public void Late_events_that_join_the_last_session_to_one_that_is_forgotten_leave_the_question_to_the_batch_view(params string[] late)
    {
        var state = Play(HalfHourSessions, ["08:00", "10:00", "13:00", .. late]);
        Count(state, "12:00").ShouldBeNull();
        Count(state, "13:00").ShouldBe(1);
    }

    [Fact]
    public void A_torn_session_is_forgotten_with_the_next_one()
    {
        var state = Play(HalfHourSessions, "09:00", "10:00", "13:00", "09:25", "09:45", "16:00");
        Count(state, "15:00").ShouldBe(1);
    }

    [Fact]
    public void A_late_event_after_the_one_the_condition_held_for_counts_and_one_before_it_does_not()
    {
        var state = Play(new Window.Since("country == 'FR'"), "10:00", "FR 10:30", "11:00", "13:00", "10:20", "10:45");
        Count(state, "12:00").ShouldBe(2);
    }

    [Fact]
    public void A_late_event_for_which_the_condition_held_leaves_the_question_to_the_batch_view_until_it_holds_again()
    {
        var state = Play(new Window.Since("country == 'FR'"), "10:00", "11:00", "13:00", "FR 10:30", "10:45");
        Count(state, "12:00").ShouldBeNull();
        Offer(state, 9, "FR 13:30");
        Count(state, "14:00").ShouldBe(0);
        Offer(state, 10, "16:00");
        Count(state, "15:00").ShouldBe(0);
        Count(state, "16:00").ShouldBe(1);
    }

    [Theory]
    [InlineData("09:00", 3)]
    [InlineData("10:30", 3)]
    public void A_late_event_takes_its_place_among_the_last_rows(string late, long count)
    {
        // Two rows before what is always kept, and the sealed one before them.
        var state = Play(new Window.Rows(3), "08:00", "10:00", "11:00", "13:00", late);
        Count(state, "13:00").ShouldBe(count);
        state.HasForgottenIds.ShouldBeTrue();
    }

    [Fact]
    public void An_event_as_old_as_one_likes_is_no_trouble()
    {
        foreach (var window in new Window[] { HalfHourSessions, new Window.Rows(2), new Window.Tumbling(Duration.Parse("1h")), new Window.Since("approved"), new Window.Calendar(CalendarPeriod.Month, "Europe/Paris"), Cards.Ever })
        {
            var state = Play(window, "10:00", "13:00");
            state.Offer(Cards.Row(View(window), Cards.Paid(5, Instant.Parse("0001-01-01T00:00:00Z")))).ShouldBe(Admission.Admitted);
            state.TryEvaluate(At("13:00")).ShouldNotBeNull();
        }
    }

    private static CompiledView View(Window window) => Cards.Compiled(Cards.Feature("count", null, window));

    private static EntityState Play(Window window, params string[] times)
    {
        var state = View(window).NewState("1");
        for (var i = 0; i < times.Length; i++) Offer(state, i, times[i], window);
        return state;
    }

    private static void Offer(EntityState state, int revision, string time, Window? window = null) =>
        state.Offer(Cards.Row(View(window ?? new Window.Since("country == 'FR'")), Cards.Paid(revision, At(time[^5..]), $"\"country\":{(time.Length > 5 ? "\"FR\"" : "null")}"))).ShouldBe(Admission.Admitted);

    private static long? Count(EntityState state, string asOf) => state.TryEvaluate(At(asOf)) is [{ Value: { Kind: ValueKind.Integer } count }] ? count.Integer : null;

    private static Instant At(string time) => Instant.Parse($"2026-01-01T{time}:00Z");
}
