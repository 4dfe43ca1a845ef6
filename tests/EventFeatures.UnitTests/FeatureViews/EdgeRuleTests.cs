using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>
/// The rules of the edges, at the edge, for every kind of window where one applies: folded from all rows and from the
/// state that serves online. It is the day on which the clocks of Paris go forward.
/// </summary>
public sealed class EdgeRuleTests
{
    private static readonly Instant Noon = Instant.Parse("2026-03-29T12:00:00Z");
    private static readonly Duration Microsecond = new(1), Year = Duration.Parse("800d");

    /// <summary>Windows that are ranges of time, with their first and last instants at noon.</summary>
    private static readonly (Window Window, string Start, string End)[] Ranges =
    [
        (Cards.Last("5h"), "2026-03-29T07:00:00Z", "2026-03-29T12:00:00Z"),
        (Cards.Last("5h") with { Offset = Duration.Parse("2h") }, "2026-03-29T05:00:00Z", "2026-03-29T10:00:00Z"),
        (new Window.Sliding(Duration.Parse("5h")) { Resolution = Duration.Parse("4h") }, "2026-03-29T04:00:00Z", "2026-03-29T12:00:00Z"),
        (Cards.Bucket("8h"), "2026-03-29T08:00:00Z", "2026-03-29T12:00:00Z"),
        (Cards.Bucket("8h", previous: true), "2026-03-29T00:00:00Z", "2026-03-29T08:00:00Z"),
        (new Window.Hopping(Duration.Parse("5h"), Duration.Parse("8h")), "2026-03-29T03:00:00Z", "2026-03-29T08:00:00Z"),
        (In(CalendarPeriod.Day), "2026-03-28T23:00:00Z", "2026-03-29T12:00:00Z"),
        (In(CalendarPeriod.Day, previous: true), "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"),
        (In(CalendarPeriod.Week), "2026-03-22T23:00:00Z", "2026-03-29T12:00:00Z"),
        (In(CalendarPeriod.Month, previous: true), "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z"),
        (In(CalendarPeriod.Year), "2025-12-31T23:00:00Z", "2026-03-29T12:00:00Z"),
    ];

    /// <summary>Windows that start at an event, or nowhere.</summary>
    private static readonly Window[] FromEvents = [Cards.Ever, new Window.Rows(3), new Window.Session(Duration.Parse("1h")), new Window.Session(Duration.Parse("1h"), Touching: true), new Window.Since("country == 'FR'")];

    public static TheoryData<int, WindowEdges> RangesAndBounds()
    {
        var cases = new TheoryData<int, WindowEdges>();
        for (var range = 0; range < Ranges.Length; range++)
            foreach (var edges in Enum.GetValues<WindowEdges>()) cases.Add(range, edges);
        return cases;
    }

    public static TheoryData<int> EveryWindow => [.. Enumerable.Range(0, Ranges.Length + FromEvents.Length)];

    [Theory]
    [MemberData(nameof(RangesAndBounds))]
    public void Events_exactly_at_an_edge_are_in_as_the_bounds_say_with_all_others_of_their_time(int range, WindowEdges edges)
    {
        var (window, first, last) = Ranges[range];
        var (start, end) = (Instant.Parse(first), Instant.Parse(last));
        Instant[] times = [start - Microsecond, start, start + Microsecond, end - Microsecond, end, end + Microsecond];
        // Two of each time, whose amounts are powers of four times 1 and 2: the sum tells which are in.
        var events = times.SelectMany((at, index) => new[] { Amount(2 * index, at, 1 << (2 * index)), Amount((2 * index) + 1, at, 2 << (2 * index)) });
        var isIn = new[] { false, edges != WindowEdges.StartOpen, true, true, edges != WindowEdges.EndOpen, false };

        Values(events, Noon, Cards.Feature("sum", "amount", window with { Edges = edges }))[0].Value
            .ShouldBe(Value.Of((double)isIn.Select((isThere, index) => isThere ? 3 << (2 * index) : 0).Sum()));
    }

    [Theory]
    [InlineData(false, -1, 3)]
    [InlineData(false, 0, 1)]
    [InlineData(false, 1, 1)]
    [InlineData(true, -1, 3)]
    [InlineData(true, 0, 3)]
    [InlineData(true, 1, 1)]
    public void Events_exactly_a_gap_apart_are_one_session_only_where_they_may_touch(bool touching, long beside, long count)
    {
        var gap = Duration.Parse("1h");
        var distance = new Duration(gap.Microseconds + beside);
        // An hour and more before the newest event, so that the state has folded the older ones.
        Instant[] times = [Noon - distance - distance, Noon - distance, Noon];
        Values(times.Select((at, index) => Amount(index, at, 1)), Noon, Cards.Feature("count", null, new Window.Session(gap, touching)))[0].Value.ShouldBe(Value.Of(count));
    }

    [Theory]
    [InlineData("rows", "[4,8]")]
    [InlineData("session", "[1,2,4,8]")]
    [InlineData("since", "[4,8]")]
    [InlineData("ever", "[1,2,4,8]")]
    public void Events_of_equal_time_are_ordered_by_position_in_windows_that_start_at_an_event(string kind, string inputs)
    {
        Window window = kind switch
        {
            "rows" => new Window.Rows(2),
            "session" => new Window.Session(Duration.Parse("30m")),
            "since" => new Window.Since("country == 'FR'"),
            _ => Cards.Ever,
        };
        // The condition holds for the second of four events at once, and of those only where it is asked later.
        var events = Enumerable.Range(0, 4).Select(index => Amount(index, Noon, 1 << index, index == 1 ? "FR" : "DE"));
        Values(events, Noon + Microsecond, Cards.Feature("last_k", "amount", window) with { Parameters = new() { K = 9 } })[0].Value.ToString().ShouldBe(inputs);
        Values(events, Noon - Microsecond, Cards.Feature("count", null, window))[0].Status.ShouldBe(FeatureStatus.NotFound);
    }

    [Theory]
    [MemberData(nameof(EveryWindow))]
    public void An_empty_window_of_a_known_entity_makes_nothing_up(int kind)
    {
        // The only event is long ago or, where a window reaches back for ever, left out.
        var window = WindowOf(kind) with { Exclude = WindowExclusion.SameTime };
        var asOf = kind < Ranges.Length ? Noon + Year : Noon;
        Said(Values([Amount(0, Noon, 1)], asOf, Features(window))).ShouldBe("0 PRESENT, 0 PRESENT, null NULL, null NULL, null NULL, [] PRESENT, {} PRESENT");
    }

    [Theory]
    [MemberData(nameof(EveryWindow))]
    public void Inputs_that_are_all_null_count_as_events_and_as_nothing_else(int kind)
    {
        var at = kind < Ranges.Length ? Instant.Parse(Ranges[kind].End) : Noon;
        Said(Values([Amount(0, at, null)], Noon, Features(WindowOf(kind)))).ShouldBe("1 PRESENT, 0 PRESENT, null NULL, null NULL, null NULL, [] PRESENT, {} PRESENT");
    }

    [Theory]
    [InlineData("2016-12-31T23:59:60Z")]
    [InlineData("2016-12-31T23:59:60.500000Z")]
    [InlineData("2017-01-01T00:59:60+01:00")]
    public void A_leap_second_is_refused_and_not_taken_for_the_second_beside_it(string time)
    {
        Instant.TryParse(time, out _).ShouldBeFalse();
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Ever));
        view.Read(Cards.Event(0, $$"""{"occurred_at":"{{time}}"}""")).ShouldBeOfType<RowReading.Violation>().Detail.ShouldContain("occurred_at");
        (Instant.Parse("2017-01-01T00:00:00Z") - Instant.Parse("2016-12-31T23:59:59Z")).ShouldBe(Duration.Parse("1s"));
    }

    [Theory]
    [InlineData("var_pop", "0")]
    [InlineData("var_samp", "null")]
    [InlineData("stddev_pop", "0")]
    [InlineData("stddev_samp", "null")]
    [InlineData("skew", "null")]
    [InlineData("kurtosis", "null")]
    public void The_spread_of_one_value_is_none_whatever_its_type(string name, string json)
    {
        foreach (var one in new[] { Value.Of(long.MaxValue), Value.Of(0.1m), Value.Of(1e300) }) Fold(name, one).ToString().ShouldBe(json);
    }

    [Theory]
    [InlineData("count", "3", 1.0, double.NaN, double.PositiveInfinity)]
    [InlineData("mean", "\"NaN\"", double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData("min", "\"-Infinity\"", double.NaN, double.NegativeInfinity)]
    [InlineData("max", "\"Infinity\"", 1.0, double.PositiveInfinity)]
    [InlineData("var_pop", "\"NaN\"", 1.0, double.NaN)]
    [InlineData("stddev_pop", "\"NaN\"", 1.0, double.NegativeInfinity)]
    [InlineData("median", "\"NaN\"", 1.0, double.NaN)]
    [InlineData("first", "\"NaN\"", double.NaN, 1.0)]
    [InlineData("last", "\"-Infinity\"", 1.0, double.NegativeInfinity)]
    [InlineData("first_k", "[\"NaN\",1]", double.NaN, 1.0, 2.0)]
    [InlineData("lag", "\"NaN\"", double.NaN, 1.0, 2.0)]
    [InlineData("top_k", "[\"NaN\",\"Infinity\"]", 1.0, double.PositiveInfinity, double.NaN)]
    [InlineData("bottom_k", "[\"-Infinity\",1]", double.NaN, 1.0, double.NegativeInfinity)]
    [InlineData("distinct_values", "[1,\"NaN\"]", double.NaN, 1.0, double.NaN)]
    [InlineData("most_frequent_k", "[\"NaN\",1]", double.NaN, 1.0, double.NaN)]
    [InlineData("entropy", "1", double.NaN, double.NaN, 1.0, 1.0)]
    public void What_is_not_finite_has_one_result(string name, string json, params double[] inputs) =>
        Fold(name, [.. inputs.Select(input => Value.Of(input))]).ToString().ShouldBe(json);

    [Theory]
    [InlineData("sum", "27021597764222979")]
    [InlineData("min", "9007199254740992")]
    [InlineData("max", "9007199254740994")]
    [InlineData("first", "9007199254740993")]
    [InlineData("last", "9007199254740994")]
    [InlineData("lag", "9007199254740993")]
    [InlineData("distinct_count", "3")]
    [InlineData("distinct_values", "[9007199254740992,9007199254740993,9007199254740994]")]
    [InlineData("mean", "9007199254740992")]
    [InlineData("var_pop", "0.6666666666666666")]
    public void Integers_past_2_to_the_53_are_exact_from_the_payload_on(string name, string json)
    {
        // The mean lies between two doubles, and the even one is its nearest.
        long[] inputs = [9007199254740993, 9007199254740992, 9007199254740994];
        var events = inputs.Select((input, index) => Cards.Paid(index, Noon, $"\"count\":{input}")).ToList();
        Values(events, Noon, Cards.Feature(name, "count", Cards.Ever) with { Parameters = ParametersOf(name) })[0].Value.ToString().ShouldBe(json);
        Values(events, Noon, Cards.Feature("count", null, Cards.Ever, "count > 9007199254740993"))[0].Value.ShouldBe(Value.Of(1L));
    }

    [Theory]
    [InlineData("sum", "0.5")]
    [InlineData("mean", "0.16666666666666666")]
    [InlineData("max", "0.3")]
    [InlineData("var_pop", "0.008888888888888889")]
    [InlineData("distinct_count", "2")]
    [InlineData("histogram", "{\"0.1\":2,\"0.3\":1}")]
    [InlineData("first_k", "[0.1,0.1]")]
    public void Decimals_are_exact_and_equal_whatever_their_trailing_zeros(string name, string json)
    {
        string[] inputs = ["0.1", "0.10", "0.30"];
        var events = inputs.Select((input, index) => Cards.Paid(index, Noon, $"\"exact\":{input}"));
        Values(events, Noon, Cards.Feature(name, "exact", Cards.Ever) with { Parameters = ParametersOf(name) })[0].Value.ToString().ShouldBe(json);
    }

    [Fact]
    public void A_decimal_of_more_digits_than_are_exact_is_a_violation_and_not_rounded()
    {
        var view = Cards.Compiled(Cards.Feature("last", "exact", Cards.Ever));
        view.Read(Cards.Paid(0, Noon, "\"exact\":0.1234567890123456789012345678")).ShouldBeOfType<RowReading.Row>();
        view.Read(Cards.Paid(0, Noon, "\"exact\":0.12345678901234567890123456789")).ShouldBeOfType<RowReading.Violation>();
    }

    private static Window WindowOf(int kind) => kind < Ranges.Length ? Ranges[kind].Window : FromEvents[kind - Ranges.Length];

    private static Window In(CalendarPeriod period, bool previous = false) => new Window.Calendar(period, "Europe/Paris", previous);

    private static Feature[] Features(Window window) =>
    [
        Cards.Feature("count", null, window, name: "a"), Cards.Feature("count", "amount", window, name: "b"), Cards.Feature("sum", "amount", window, name: "c"),
        Cards.Feature("var_pop", "amount", window, name: "d"), Cards.Feature("last", "amount", window, name: "e"),
        Cards.Feature("first_k", "amount", window, name: "f") with { Parameters = new() { K = 3 } }, Cards.Feature("max", "amount", window, name: "g") with { GroupBy = "country" },
    ];

    private static string Said(IEnumerable<FeatureValue> values) => string.Join(", ", values.Select(value => $"{value.Value} {FeatureValue.Name(value.Status)}"));

    private static RecordedEvent Amount(int revision, Instant at, long? amount, string country = "DE") =>
        Cards.Paid(revision, at, $"\"amount\":{amount?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"},\"country\":\"{country}\"");

    /// <summary>The features from all rows, which have to be those of the state that serves online where that does not decline.</summary>
    private static IReadOnlyList<FeatureValue> Values(IEnumerable<RecordedEvent> events, Instant asOf, params Feature[] features)
    {
        var view = Cards.Compiled(features);
        var rows = view.Admit(events).Rows;
        var state = view.NewState("1");
        foreach (var row in rows) state.Offer(row);
        var values = view.Evaluate(rows, asOf);
        if (rows[^1].OccurredAt <= asOf + Duration.Parse("1h")) state.TryEvaluate(asOf).ShouldBe(values);
        return values;
    }

    private static AggregateParameters ParametersOf(string name) =>
        name == "lag" ? new() { K = 2 } : name.EndsWith("_k", StringComparison.Ordinal) ? new() { K = 2 } : AggregateParameters.None;

    private static Value Fold(string name, params Value[] inputs)
    {
        var fold = AggregateCatalog.Find(name)!.Start(new AggregateInput(inputs[0].Kind) { Parameters = ParametersOf(name) });
        foreach (var (index, input) in inputs.Index()) fold.Add(input, new Place(Noon + new Duration(index), new Position((ulong)index)));
        return fold.Finish(Noon);
    }
}
