using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class AggregateEdgeTests
{
    private static readonly AggregateParameters All = new() { K = 2, Percentile = 0.5m, HalfLife = Duration.Parse("1h"), Bins = 4 };

    public static TheoryData<string> Names => [.. AggregateCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Over_no_input_counts_are_zero_lists_and_maps_are_empty_and_the_rest_is_null(string name)
    {
        var (of, parameters) = InputOf(name);
        var view = Cards.Compiled(
            Cards.Feature(name, of, Cards.Last("1h"), name: "plain") with { Parameters = parameters },
            Cards.Feature(name, of, Cards.Last("1h"), name: "grouped") with { Parameters = parameters, GroupBy = "country" });
        var values = view.Evaluate([Cards.Row(view, Cards.Paid(0, Cards.Noon, "\"amount\":null,\"country\":\"FR\""))], Cards.Noon);

        var expected = name is "count" or "distinct_count" ? "0"
            : name == "histogram" ? "{}"
            : name.EndsWith("_k", StringComparison.Ordinal) || name is "distinct_values" or "approx_histogram" ? "[]"
            : "null";
        values[0].Value.ToString().ShouldBe(expected);
        values[0].Status.ShouldBe(expected == "null" ? FeatureStatus.Null : FeatureStatus.Present);
        values[1].Value.ToString().ShouldBe("{}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_an_aggregate_of_times_changes_when_times_move_that_neither_order_nor_window_notices(string name)
    {
        var (of, parameters) = InputOf(name);
        var view = Cards.Compiled(Cards.Feature(name, of, Cards.Last("1h"), name: "plain") with { Parameters = parameters });

        Value Over(int first, int second) => view.Evaluate(
            [
                Cards.Row(view, Cards.Paid(0, Cards.Noon - Duration.Parse($"{first}m"), "\"amount\":3,\"approved\":true")),
                Cards.Row(view, Cards.Paid(1, Cards.Noon - Duration.Parse($"{second}m"), "\"amount\":5,\"approved\":false")),
            ], Cards.Noon)[0].Value;

        (Over(30, 10) != Over(41, 20)).ShouldBe(AggregateCatalog.Find(name)!.IsOfTimes);
    }

    [Theory]
    [InlineData("var_pop", "0")]
    [InlineData("var_samp", "null")]
    [InlineData("stddev_pop", "0")]
    [InlineData("stddev_samp", "null")]
    [InlineData("skew", "null")]
    [InlineData("kurtosis", "null")]
    [InlineData("slope", "null")]
    [InlineData("median", "0.1")]
    [InlineData("ewma", "0.1")]
    [InlineData("entropy", "0")]
    [InlineData("drawdown", "0")]
    [InlineData("lag", "null")]
    [InlineData("approx_histogram", "[{\"count\":1,\"max\":0.1,\"min\":0.1}]")]
    public void One_value_has_its_documented_result(string name, string json) =>
        Fold(name, ValueKind.Number, All with { K = null }, Value.Of(0.1)).Finish(Cards.Noon).ToString().ShouldBe(json);

    [Theory]
    [InlineData("var_samp", new[] { 1, double.PositiveInfinity }, double.NaN)]
    [InlineData("skew", new[] { 1, 2, double.NaN }, double.NaN)]
    [InlineData("kurtosis", new[] { 1, 2, double.NegativeInfinity }, double.NaN)]
    [InlineData("slope", new[] { 1, 2, double.NaN }, double.NaN)]
    [InlineData("ewma", new[] { 1, double.PositiveInfinity }, double.PositiveInfinity)]
    [InlineData("ewma", new[] { 1, double.NaN }, double.NaN)]
    [InlineData("skew", new[] { 1.0, 2, 3 }, 0.0)]
    [InlineData("kurtosis", new[] { -1.0, 1 }, -2.0)]
    [InlineData("skew", new[] { 0, 0, 1e300 }, 0.70710678118654757)]
    [InlineData("var_pop", new[] { 1e16, 1e16 + 2, 1e16 + 4 }, 8.0 / 3)]
    [InlineData("ewma", new[] { 1e308, 1e308 }, 1e308)]
    [InlineData("drawdown", new[] { 1.0, 8, 5, 2, 10, 4 }, 0.75)]
    [InlineData("drawdown", new[] { 0.0, 0, 0 }, 0.0)]
    [InlineData("drawdown", new[] { 0.0, 5, 0 }, 1.0)]
    [InlineData("slope", new[] { 1.0, 3, 5 }, 2.0)]
    public void Numbers_of_every_sort_have_their_documented_result(string name, double[] inputs, double expected) =>
        Fold(name, ValueKind.Number, All, [.. inputs.Select(input => Value.Of(input))]).Finish(Cards.Noon).ShouldBe(Value.Of(expected));

    [Theory]
    [InlineData(new[] { 1.0, -1 })]
    [InlineData(new[] { 1, double.NaN })]
    [InlineData(new[] { double.PositiveInfinity, 1.0 })]
    public void A_drawdown_is_not_defined_for_inputs_of_which_there_is_no_share(double[] inputs) =>
        Fold("drawdown", ValueKind.Number, All, [.. inputs.Select(input => Value.Of(input))]).Finish(Cards.Noon).ShouldBe(Value.Null);

    [Fact]
    public void Integers_past_2_to_the_53_stay_exact()
    {
        Value[] large = [Value.Of(9007199254740993L), Value.Of(9007199254740992L), Value.Of(long.MaxValue), Value.Of(long.MinValue)];
        Fold("top_k", ValueKind.Integer, All, large).Finish(Cards.Noon).ToString().ShouldBe("[9223372036854775807,9007199254740993]");
        Fold("histogram", ValueKind.Integer, All, large).Finish(Cards.Noon).Members.Count.ShouldBe(4);
        Fold("var_pop", ValueKind.Integer, All, large[..2]).Finish(Cards.Noon).ShouldBe(Value.Of(0.25));
        Fold("kurtosis", ValueKind.Integer, All, large[2..]).Finish(Cards.Noon).ShouldBe(Value.Of(-2.0));
        Fold("slope", ValueKind.Integer, All, large[1], large[0]).Finish(Cards.Noon).ShouldBe(Value.Of(1.0));
    }

    [Fact]
    public void A_moving_average_halves_a_weight_in_its_half_life()
    {
        var fold = AggregateCatalog.Find("ewma")!.Start(new AggregateInput(ValueKind.Integer) { Parameters = All });
        fold.Add(Value.Of(0L), new Place(Cards.Noon - Duration.Parse("1h"), new Position(1)));
        fold.Add(Value.Of(3L), new Place(Cards.Noon, new Position(2)));
        fold.Finish(Cards.Noon).ShouldBe(Value.Of(2.0));
    }

    [Fact]
    public void A_moving_average_forgets_what_lies_64_half_lives_back_whatever_came_first()
    {
        (Place Place, Value Value)[] inputs = [.. Enumerable.Range(0, 200).Select(hour =>
            (new Place(Cards.Noon + new Duration(hour * 3_600_000_000L), new Position((ulong)hour)), Value.Of(hour == 0 ? 1e300 : 1.0)))];
        Accumulator Start() => AggregateCatalog.Find("ewma")!.Start(new AggregateInput(ValueKind.Number) { Parameters = All });
        Folds.ShouldNotDependOnOrder(Start, inputs, seed: 1, groupSize: 30);
        var fold = Start();
        foreach (var (place, value) in inputs) fold.Add(value, place);
        fold.Finish(Cards.Noon).ShouldBe(Value.Of(1.0));
    }

    [Theory]
    [InlineData("distinct_values")]
    [InlineData("histogram")]
    [InlineData("entropy")]
    [InlineData("most_frequent_k")]
    public void More_different_values_than_are_told_apart_are_null_however_they_came_together(string name)
    {
        var parameters = All with { ValuesMax = 2 };
        var two = Fold(name, ValueKind.Integer, parameters, Value.Of(1L), Value.Of(2L), Value.Of(1L));
        two.Finish(Cards.Noon).IsNull.ShouldBeFalse();
        var merged = Fold(name, ValueKind.Integer, parameters, Value.Of(1L), Value.Of(3L));
        merged.Merge(two);
        merged.Finish(Cards.Noon).ShouldBe(Value.Null);
        Folds.Bytes(merged).ShouldBe(Folds.Bytes(Fold(name, ValueKind.Integer, parameters, Value.Of(7L), Value.Of(8L), Value.Of(9L))));
    }

    [Fact]
    public void An_approximate_histogram_has_exact_counts_in_bins_as_narrow_as_stated()
    {
        var random = new Random(11);
        var numbers = Enumerable.Range(0, 20_000).Select(_ => Math.Exp(random.NextDouble() * 7)).ToArray();
        var bins = Fold("approx_histogram", ValueKind.Number, All with { Bins = 40 }, [.. numbers.Select(number => Value.Of(number))]).Finish(Cards.Noon).Elements
            .Select(bin => (Min: bin.Members["min"].Number, Max: bin.Members["max"].Number, Count: bin.Members["count"].Integer)).ToList();
        bins.Count.ShouldBeInRange(20, 40);
        bins.Sum(bin => bin.Count).ShouldBe(20_000);
        foreach (var bin in bins) bin.Count.ShouldBe(numbers.LongCount(number => number >= bin.Min && number <= bin.Max));
        foreach (var (left, right) in bins.Zip(bins.Skip(1))) left.Max.ShouldBeLessThan(right.Min);
        foreach (var bin in bins) ((bin.Max - bin.Min) / bin.Min).ShouldBeLessThan(2 * 7 / Math.Log(2) / 39);
    }

    [Fact]
    public void Lists_of_numbers_are_aggregated_element_by_element()
    {
        static Value List(params double?[] numbers) => Value.Of([.. numbers.Select(number => number is { } one ? Value.Of(one) : Value.Null)]);
        string Of(string name, params Value[] lists)
        {
            var fold = AggregateCatalog.Find(name)!.Start(new AggregateInput(ValueShape.ListOf(ValueKind.Number)));
            foreach (var list in lists) fold.Add(list, default);
            return fold.Finish(Cards.Noon).ToString();
        }
        Value[] lists = [List(1, null, 0.1), List(3, null), List(), List(5, null, 0.2, 9)];
        Of("sum", lists).ShouldBe("[9,null,0.30000000000000004,9]");
        Of("mean", lists).ShouldBe("[3,null,0.15000000000000002,9]");
        Of("min", lists).ShouldBe("[1,null,0.1,9]");
        Of("max", lists).ShouldBe("[5,null,0.2,9]");
        Of("sum").ShouldBe("[]");
        AggregateCatalog.Find("sum")!.Result(ValueShape.ListOf(ValueKind.Integer)).ShouldBe(ValueShape.ListOf(ValueKind.Decimal));
        AggregateCatalog.Find("min")!.Result(ValueShape.ListOf(ValueKind.String)).ShouldBeNull();
        AggregateCatalog.Find("mean")!.Result(ValueKind.Array).ShouldBeNull();
        Folds.ShouldNotDependOnOrder(
            () => AggregateCatalog.Find("mean")!.Start(new AggregateInput(ValueShape.ListOf(ValueKind.Number))),
            [.. lists.Select((list, index) => (new Place(Cards.Noon, new Position((ulong)index)), list))], seed: 4, groupSize: 2);
    }

    [Fact]
    public void A_list_that_is_too_long_to_aggregate_makes_its_event_a_violation()
    {
        var contract = Cards.Contract with
        {
            EventTypes = new Dictionary<string, EventSchema>
            {
                ["Paid"] = new("Paid", [new Field("occurred_at", ValueKind.Timestamp, true), new Field("vector", ValueKind.Array, false) { ElementType = ValueKind.Number }]),
            },
        };
        var view = CompiledView.Compile(Cards.View(null, Cards.Feature("sum", "vector", Cards.Ever, name: "a"), Cards.Feature("last", "vector", Cards.Ever, name: "b")), contract, Cards.Card);
        RowReading Read(int length) => view.Read(Cards.Paid(0, Cards.Noon, $"\"vector\":[{string.Join(',', Enumerable.Repeat(1, length))}]"));
        Read(4_096).ShouldBeOfType<RowReading.Row>();
        var violation = Read(4_097).ShouldBeOfType<RowReading.Violation>();
        (violation.Code, violation.Detail).ShouldBe(("expression-overflow", "Feature 'a': The expression 'vector' overflowed: a list of 4097 elements is longer than the 4096 that are aggregated."));
        view.FeatureShapes.ShouldBe([ValueShape.ListOf(ValueKind.Number), ValueShape.ListOf(ValueKind.Number)]);
    }

    [Theory]
    [InlineData("first_k", "[null,1,2]", 3)]
    [InlineData("last_k", "[2,3,null]", 3)]
    [InlineData("lag", "3", 1)]
    [InlineData("lag", "null", 0)]
    [InlineData("lag", "null", 4)]
    public void Null_inputs_count_where_they_are_kept(string name, string json, int k)
    {
        var parameters = new AggregateParameters { K = k, KeepNulls = true };
        Fold(name, ValueKind.Integer, parameters, Value.Null, Value.Of(1L), Value.Of(2L), Value.Of(3L), Value.Null).Finish(Cards.Noon).ToString().ShouldBe(json);
    }

    [Theory]
    [InlineData("first_k", null, "parameter-missing", "k")]
    [InlineData("last_distinct_k", 0L, "parameter-invalid", "k")]
    [InlineData("top_k", 1_001L, "parameter-invalid", "k")]
    [InlineData("lag", -1L, "parameter-invalid", "k")]
    [InlineData("percentile", null, "parameter-missing", "percentile")]
    [InlineData("ewma", null, "parameter-missing", "half_life")]
    [InlineData("rate", null, "window-unsupported", "window")]
    [InlineData("drawdown", null, "window-unsupported", "window")]
    [InlineData("median", 3L, "parameter-unknown", "k")]
    public void What_an_aggregate_needs_and_does_not_get_is_refused_by_name(string name, long? k, string code, string key)
    {
        var feature = Cards.Feature(name, "amount", Cards.Ever) with { Parameters = new() { K = k } };
        var issue = Should.Throw<DefinitionInvalidException>(() => Cards.Compiled(feature)).Issues.Single();
        (issue.Code, issue.Path).ShouldBe((code, $"features[0].{key}"));
        issue.Message.ShouldContain($"'{(code == "parameter-invalid" ? key : name)}'");
    }

    [Theory]
    [InlineData("percentile")]
    [InlineData("half_life")]
    [InlineData("bins")]
    [InlineData("max_values")]
    public void A_parameter_out_of_range_is_refused(string key)
    {
        var (name, parameters) = key switch
        {
            "percentile" => ("percentile", new AggregateParameters { Percentile = 95 }),
            "half_life" => ("ewma", new AggregateParameters { HalfLife = Duration.Zero }),
            "bins" => ("approx_histogram", new AggregateParameters { Bins = 1 }),
            _ => ("histogram", new AggregateParameters { ValuesMax = 10_001 }),
        };
        var issue = Should.Throw<DefinitionInvalidException>(() => Cards.Compiled(Cards.Feature(name, "amount", Cards.Ever) with { Parameters = parameters })).Issues.Single();
        (issue.Code, issue.Path).ShouldBe(("parameter-invalid", $"features[0].{key}"));
    }

    // Inputs a second apart, in the order of their places.
    private static Accumulator Fold(string name, ValueKind kind, AggregateParameters parameters, params Value[] inputs)
    {
        var fold = AggregateCatalog.Find(name)!.Start(new AggregateInput(kind) { Parameters = parameters });
        foreach (var (index, input) in inputs.Index()) fold.Add(input, new Place(Cards.Noon + new Duration(index * 1_000_000L), new Position((ulong)index)));
        return fold;
    }

    // What it can fold of a card's payments, and the parameters that it needs.
    private static (string Of, AggregateParameters Parameters) InputOf(string name)
    {
        var aggregate = AggregateCatalog.Find(name)!;
        return (name is "any" or "all" ? "approved" : "amount", All with
        {
            K = aggregate.Parameters.Contains("k") ? 2 : null,
            Percentile = aggregate.Parameters.Contains("percentile") ? 0.5m : null,
            HalfLife = aggregate.Parameters.Contains("half_life") ? All.HalfLife : null,
            Bins = aggregate.Parameters.Contains("bins") ? 4 : null,
        });
    }
}
