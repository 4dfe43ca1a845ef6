using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class ViewEvaluationTests
{
    private static readonly Duration Minute = Duration.Parse("1m");

    [Theory]
    [InlineData("11:00:00", 0)]
    [InlineData("11:00:00.000001", 1)]
    [InlineData("12:00:00", 1)]
    [InlineData("12:00:00.000001", 0)]
    public void A_sliding_window_is_open_at_its_start_and_closed_at_T(string occurredAt, long count)
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Last("1h")));
        One(view, [(At(occurredAt), "")], Cards.Noon).ShouldBe(count == 0 && occurredAt.StartsWith("12", StringComparison.Ordinal) ? Value.Null : Value.Of(count));
    }

    [Theory]
    [InlineData("12:00:00", "11:00:00", 0)]
    [InlineData("12:00:00", "11:00:00.000001", 1)]
    [InlineData("12:00:00", "12:00:00", 1)]
    [InlineData("12:00:00.000001", "12:00:00", 0)]
    [InlineData("12:30:00", "12:00:00.000001", 1)]
    public void A_bucket_holds_its_end_and_not_its_start(string asOf, string occurredAt, long count) =>
        One(Cards.Compiled(Cards.Feature("count", null, Cards.Bucket("1h"))), [(At(occurredAt), "")], At(asOf)).ShouldBe(Value.Of(count));

    [Theory]
    [InlineData("12:00:00", "10:00:00", 0)]
    [InlineData("12:00:00", "10:00:00.000001", 1)]
    [InlineData("12:00:00", "11:00:00", 1)]
    [InlineData("12:00:00", "11:00:00.000001", 0)]
    [InlineData("12:00:00.000001", "11:00:00.000001", 1)]
    public void The_previous_bucket_is_the_last_complete_one(string asOf, string occurredAt, long count) =>
        One(Cards.Compiled(Cards.Feature("count", null, Cards.Bucket("1h", previous: true))), [(At(occurredAt), "")], At(asOf)).ShouldBe(Value.Of(count));

    [Fact]
    public void Buckets_before_the_epoch_are_aligned_as_well()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Bucket("1d")));
        One(view, [(Instant.Parse("1969-12-30T00:00:00Z"), "")], Instant.Parse("1969-12-30T12:00:00Z")).ShouldBe(Value.Of(0L));
        One(view, [(Instant.Parse("1969-12-30T00:00:00Z"), "")], Instant.Parse("1969-12-30T00:00:00Z")).ShouldBe(Value.Of(1L));
        One(view, [(Instant.Parse("1969-12-31T12:00:00Z"), "")], Instant.Parse("1970-01-01T00:00:00Z")).ShouldBe(Value.Of(1L));
    }

    [Theory]
    [InlineData("11:59:59", FeatureStatus.NotFound)]
    [InlineData("12:00:00", FeatureStatus.Present)]
    [InlineData("14:00:00", FeatureStatus.Present)]
    [InlineData("14:00:00.000001", FeatureStatus.OutsideMaxAge)]
    public void A_value_is_served_from_its_instant_to_the_end_of_its_ttl(string asOf, FeatureStatus expected)
    {
        var view = CompiledView.Compile(Cards.View("2h", Cards.Feature("count", null, Cards.Ever)), Cards.Contract, Cards.Card);
        var value = view.Evaluate([Cards.Row(view, Cards.Paid(0, Cards.Noon))], At(asOf))[0];
        value.Status.ShouldBe(expected);
        value.Value.IsNull.ShouldBe(expected != FeatureStatus.Present);
        value.OccurredAt.ShouldBe(expected == FeatureStatus.NotFound ? null : Cards.Noon);
    }

    [Fact]
    public void Over_no_input_counts_are_zero_and_the_rest_is_null()
    {
        string[] aggregates = ["count", "sum", "mean", "min", "max", "stddev_samp", "first", "last", "distinct_count", "seconds_since_last"];
        var view = Cards.Compiled([.. aggregates.Select(name => Cards.Feature(name, "amount", Cards.Last("1h"), name: name))]);
        var rows = new[] { Cards.Row(view, Cards.Paid(0, Cards.Noon, "\"amount\":null")) };
        var values = view.Evaluate(rows, Cards.Noon);
        for (var i = 0; i < aggregates.Length; i++)
        {
            var counts = aggregates[i] is "count" or "distinct_count";
            values[i].Value.ShouldBe(counts ? Value.Of(0L) : Value.Null, aggregates[i]);
            values[i].Status.ShouldBe(counts ? FeatureStatus.Present : FeatureStatus.Null, aggregates[i]);
        }
    }

    [Fact]
    public void The_deviation_of_one_value_is_null_and_of_equal_values_zero()
    {
        var view = Cards.Compiled(Cards.Feature("stddev_samp", "amount", Cards.Ever));
        One(view, [(Cards.Noon, "\"amount\":3")], Cards.Noon).ShouldBe(Value.Null);
        One(view, [(Cards.Noon, "\"amount\":0.1"), (Cards.Noon, "\"amount\":0.1"), (Cards.Noon, "\"amount\":0.1")], Cards.Noon).ShouldBe(Value.Of(0.0));
        One(view, [(Cards.Noon, "\"amount\":1"), (Cards.Noon, "\"amount\":2")], Cards.Noon).ShouldBe(Value.Of(Math.Sqrt(0.5)));
    }

    [Fact]
    public void Events_of_equal_time_are_ordered_by_position()
    {
        var view = Cards.Compiled(Cards.Feature("first", "country", Cards.Ever, name: "a"), Cards.Feature("last", "country", Cards.Ever, name: "b"));
        var rows = view.Admit([Cards.Paid(0, Cards.Noon, "\"country\":\"FR\""), Cards.Paid(1, Cards.Noon, "\"country\":\"DE\"")]).Rows;
        view.Evaluate(rows, Cards.Noon).Select(value => value.Value).ShouldBe([Value.Of("FR"), Value.Of("DE")]);
    }

    [Theory]
    [InlineData("first", false, "1")]
    [InlineData("first", true, "null")]
    [InlineData("last", false, "2")]
    [InlineData("last", true, "null")]
    public void Null_inputs_count_where_they_are_kept(string aggregate, bool keep, string json)
    {
        var view = Cards.Compiled(Cards.Feature(aggregate, "amount", Cards.Ever) with { Parameters = new() { KeepNulls = keep } });
        One(view, [(Cards.Noon, ""), (Cards.Noon, "\"amount\":1"), (Cards.Noon, "\"amount\":2"), (Cards.Noon, "\"amount\":null")], Cards.Noon)
            .ToString().ShouldBe(json);
    }

    [Fact]
    public void A_filter_that_is_unknown_does_not_hold()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Ever, "approved"));
        One(view, [(Cards.Noon, "\"approved\":true"), (Cards.Noon, "\"approved\":false"), (Cards.Noon, "")], Cards.Noon).ShouldBe(Value.Of(1L));
    }

    [Fact]
    public void Seconds_since_the_last_event_count_to_the_microsecond()
    {
        var view = Cards.Compiled(Cards.Feature("seconds_since_last", null, Cards.Ever));
        One(view, [(Cards.Noon, "")], Cards.Noon + new Duration(1_500_001)).ShouldBe(Value.Of(1.500001));
    }

    [Fact]
    public void The_contributing_rows_are_those_in_the_window_that_pass_and_have_an_input()
    {
        var view = Cards.Compiled(Cards.Feature("sum", "amount", Cards.Last("1h"), "approved"));
        var rows = view.Admit([
            Cards.Paid(0, Cards.Noon - Duration.Parse("1h"), "\"approved\":true,\"amount\":1"),
            Cards.Paid(1, Cards.Noon - Minute, "\"approved\":true,\"amount\":2"),
            Cards.Paid(2, Cards.Noon - Minute, "\"approved\":false,\"amount\":3"),
            Cards.Paid(3, Cards.Noon, "\"approved\":true,\"amount\":null"),
            Cards.Paid(4, Cards.Noon, "\"approved\":true,\"amount\":4"),
            Cards.Paid(5, Cards.Noon + Minute, "\"approved\":true,\"amount\":5")]).Rows;
        view.Contributing(0, rows, Cards.Noon).Select(row => row.Revision).ShouldBe([1, 4]);
        view.Evaluate(rows, Cards.Noon)[0].Value.ShouldBe(Value.Of(6.0));
    }

    private static Value One(CompiledView view, (Instant At, string Members)[] events, Instant asOf) =>
        view.Evaluate(view.Admit(events.Select((one, index) => Cards.Paid(index, one.At, one.Members))).Rows, asOf)[0].Value;

    private static Instant At(string time) => Instant.Parse($"2026-01-01T{time}Z");
}
