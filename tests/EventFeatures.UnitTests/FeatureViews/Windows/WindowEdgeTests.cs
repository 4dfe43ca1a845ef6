using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>What is in at the very edge, by example. The sum of the events' amounts, which are powers of two, tells which they are.</summary>
public sealed class WindowEdgeTests
{
    [Theory]
    [InlineData(WindowEdges.StartOpen, 2.0 + 4)]
    [InlineData(WindowEdges.Closed, 1.0 + 2 + 4)]
    [InlineData(WindowEdges.EndOpen, 1.0 + 2)]
    public void A_sliding_window_holds_the_edges_that_its_bounds_close(WindowEdges edges, double sum) =>
        Sum(Cards.Last("1h") with { Edges = edges }, "12:00", "11:00", "11:00:00.000001", "12:00").ShouldBe(sum);

    [Theory]
    [InlineData(WindowEdges.StartOpen, "12:00", 4.0 + 8)]
    [InlineData(WindowEdges.Closed, "12:00", 2.0 + 4 + 8)]
    [InlineData(WindowEdges.EndOpen, "12:00", null)]
    [InlineData(WindowEdges.EndOpen, "12:30", 8.0)]
    [InlineData(WindowEdges.Closed, "12:30", 8.0 + 16)]
    public void A_bucket_holds_the_edges_that_its_bounds_close(WindowEdges edges, string asOf, double? sum) =>
        Sum(Cards.Bucket("1h") with { Edges = edges }, asOf, "10:59", "11:00", "11:30", "12:00", "12:30").ShouldBe(sum);

    [Theory]
    [InlineData(WindowEdges.StartOpen, "12:30", 4.0 + 8)]
    [InlineData(WindowEdges.Closed, "12:30", 2.0 + 4 + 8)]
    [InlineData(WindowEdges.EndOpen, "12:30", 2.0 + 4)]
    [InlineData(WindowEdges.StartOpen, "12:00", 1.0 + 2)]
    [InlineData(WindowEdges.EndOpen, "12:00", 2.0 + 4)]
    public void The_bucket_before_is_whole(WindowEdges edges, string asOf, double sum) =>
        Sum(Cards.Bucket("1h", previous: true) with { Edges = edges }, asOf, "10:30", "11:00", "11:30", "12:00", "12:30").ShouldBe(sum);

    [Theory]
    [InlineData("11:59:59.999999", 2.0 + 4)]
    [InlineData("12:00", 4.0 + 8 + 16)]
    [InlineData("12:14:59.999999", 4.0 + 8 + 16)]
    [InlineData("12:15", 8.0 + 16 + 32)]
    public void A_hopping_window_is_the_newest_that_is_over(string asOf, double sum) =>
        Sum(new Window.Hopping(Duration.Parse("30m"), Duration.Parse("15m")), asOf, "11:15", "11:16", "11:45", "11:46", "12:00", "12:15").ShouldBe(sum);

    [Theory]
    [InlineData(false, 4.0 + 8)]
    [InlineData(true, 1.0 + 2 + 4 + 8)]
    public void Events_exactly_a_gap_apart_are_one_session_only_when_they_may_touch(bool touching, double sum) =>
        Sum(new Window.Session(Duration.Parse("30m"), touching), "12:00", "10:30", "11:00", "11:30", "11:59:59.999999").ShouldBe(sum);

    [Fact]
    public void A_session_that_is_over_is_the_last_one_however_long_ago() =>
        Sum(new Window.Session(Duration.Parse("30m")), "23:00", "09:00", "11:00", "11:29").ShouldBe(2 + 4);

    [Fact]
    public void The_last_rows_are_those_of_the_highest_position_among_equal_times() =>
        Sum(new Window.Rows(2), "12:00", "12:00", "11:00", "12:00", "12:00").ShouldBe(4 + 8);

    [Fact]
    public void Rows_are_counted_before_a_filter_asks_which_of_them_count()
    {
        var view = Cards.Compiled(Cards.Feature("sum", "amount", new Window.Rows(2), "approved"));
        var rows = view.Admit([
            Cards.Paid(0, At("10:00"), "\"amount\":1,\"approved\":true"), Cards.Paid(1, At("11:00"), "\"amount\":2,\"approved\":true"), Cards.Paid(2, At("12:00"), "\"amount\":4,\"approved\":false")]).Rows;
        view.Evaluate(rows, At("12:00"))[0].Value.ShouldBe(Value.Of(2.0));
    }

    [Theory]
    [InlineData("12:00", WindowEdges.StartOpen, 8.0 + 16)]
    [InlineData("12:00", WindowEdges.Closed, 4.0 + 8 + 16)]
    [InlineData("12:00", WindowEdges.EndOpen, 4.0 + 8)]
    [InlineData("12:00:00.000001", WindowEdges.StartOpen, null)]
    [InlineData("12:00:00.000001", WindowEdges.Closed, 16.0)]
    [InlineData("10:00", WindowEdges.StartOpen, 1.0)]
    [InlineData("09:00", WindowEdges.StartOpen, null)]
    public void A_window_since_a_condition_starts_after_the_last_time_it_held_before_T(string asOf, WindowEdges edges, double? sum)
    {
        // It holds for the third event and for the last, which is at noon.
        var view = Cards.Compiled(Cards.Feature("sum", "amount", new Window.Since("country == 'FR'") with { Edges = edges }));
        string[] times = ["09:30", "10:30", "11:00", "11:00", "12:00"];
        var rows = view.Admit(times.Select((time, index) =>
            Cards.Paid(index, At(time), $"\"amount\":{1 << index},\"country\":{(index is 2 or 4 ? "\"FR\"" : "null")}"))).Rows;
        Number(view.Evaluate(rows, At(asOf))[0].Value).ShouldBe(sum);
    }

    [Theory]
    [InlineData(WindowExclusion.None, 1.0 + 2 + 4 + 8)]
    [InlineData(WindowExclusion.SameTime, 1.0)]
    [InlineData(WindowExclusion.Ties, 1.0 + 8)]
    [InlineData(WindowExclusion.Newest, 1.0 + 2 + 4)]
    public void Events_at_the_asked_instant_are_left_out_as_the_exclusion_says(WindowExclusion exclude, double sum) =>
        Sum(Cards.Last("1h") with { Exclude = exclude }, "12:00", "11:30", "12:00", "12:00", "12:00").ShouldBe(sum);

    [Fact]
    public void Nothing_is_left_out_where_nothing_is_at_the_asked_instant() =>
        Sum(Cards.Last("1h") with { Exclude = WindowExclusion.SameTime }, "12:00:00.000001", "12:00").ShouldBe(1);

    [Fact]
    public void What_is_left_out_takes_no_place_among_the_last_rows() =>
        Sum(new Window.Rows(2) { Exclude = WindowExclusion.Newest }, "12:00", "10:00", "11:00", "12:00").ShouldBe(1 + 2);

    [Fact]
    public void What_is_left_out_joins_no_session() =>
        Sum(new Window.Session(Duration.Parse("40m")) { Exclude = WindowExclusion.SameTime }, "12:00", "10:00", "11:30", "12:00").ShouldBe(2);

    [Fact]
    public void An_exclusion_is_about_the_asked_instant_and_not_about_where_an_offset_leads() =>
        Sum(Cards.Last("2h") with { Exclude = WindowExclusion.SameTime, Offset = Duration.Parse("1h") }, "12:00", "10:00", "11:00", "12:00").ShouldBe(1 + 2);

    [Theory]
    [InlineData("1h", 2.0 + 4)]
    [InlineData("30m", 4.0 + 8)]
    public void An_offset_shifts_a_window_back(string offset, double sum) =>
        Sum(Cards.Last("1h") with { Offset = Duration.Parse(offset) }, "13:00", "11:00", "11:00:00.000001", "12:00", "12:30").ShouldBe(sum);

    [Fact]
    public void An_offset_moves_the_instant_whose_bucket_is_meant() =>
        Sum(Cards.Bucket("1h") with { Offset = Duration.Parse("10m") }, "12:05", "11:30", "11:55", "12:00").ShouldBe(1 + 2);

    [Fact]
    public void The_newest_rows_of_a_window_are_kept_when_there_are_too_many() =>
        Sum(Cards.Last("1h") with { RowsMax = 2 }, "12:00", "11:10", "11:20", "11:30", "11:30").ShouldBe(4 + 8);

    [Theory]
    [InlineData("12:07", 2.0 + 4)]
    [InlineData("12:10", 2.0 + 4)]
    [InlineData("12:10:00.000001", 2.0 + 4)]
    [InlineData("12:19:59.999999", 2.0 + 4)]
    [InlineData("12:20", 4.0)]
    public void A_resolution_lets_the_window_start_at_the_multiple_before(string asOf, double sum) =>
        // At 12:07 the hour would start at 11:07, and so starts at 11:00; at 12:10 at 11:10 itself.
        Sum(new Window.Sliding(Duration.Parse("1h")) { Resolution = Duration.Parse("10m") }, asOf, "11:00", "11:10:00.000001", "12:05").ShouldBe(sum);

    [Fact]
    public void A_window_without_events_is_empty_while_the_entity_is_known()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Last("1h")), Cards.Feature("last", "country", Cards.Last("1h"), name: "g"));
        var values = view.Evaluate(view.Admit([Cards.Paid(0, At("01:00"), "\"country\":\"FR\"")]).Rows, At("12:00"));
        values.Select(value => (value.Value, value.Status)).ShouldBe([(Value.Of(0L), FeatureStatus.Present), (Value.Null, FeatureStatus.Null)]);
    }

    private static double? Sum(Window window, string asOf, params string[] times)
    {
        var view = Cards.Compiled(Cards.Feature("sum", "amount", window));
        var rows = view.Admit(times.Select((time, index) => Cards.Paid(index, At(time), $"\"amount\":{1 << index}"))).Rows;
        return Number(view.Evaluate(rows, At(asOf))[0].Value);
    }

    private static double? Number(Value value) => value.IsNull ? null : value.Number;

    private static Instant At(string time) => Instant.Parse($"2026-01-01T{time}Z");
}
