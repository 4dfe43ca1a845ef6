using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Each aggregate against its definition, and each fold against any order, grouping and restart.</summary>
public sealed class AggregateDefinitionTests
{
    private static readonly double[] Awkward =
        [0.0, -0.0, 0.1, 0.2, -0.3, 1e300, -1e300, 5e-324, 1e-160, 3e154, 1, 2, 3, 1.0000000000000002, 1 / 3.0, 9007199254740993, 1e16];

    private static readonly long[] Integers = [0, 1, -1, 2, 3, 42, long.MaxValue, long.MinValue, 9007199254740993, 9007199254740992];

    private static readonly decimal[] Decimals = [0, 0.1m, -0.2m, 12.34m, 99999999999.99m, -0.0000001m, 7, 1.5m, 7922816251426433759354395.0335m];

    private static readonly string[] Texts = ["FR", "DE", "ES", "", "\U0001F600", "\uFFFD"];

    /// <summary>Name, kind of the inputs, parameters; and whether inputs must not be negative.</summary>
    public static TheoryData<string, ValueKind, string> Cases()
    {
        var cases = new TheoryData<string, ValueKind, string>();
        ValueKind[] numeric = [ValueKind.Number, ValueKind.Integer, ValueKind.Decimal];
        ValueKind[] any = [.. numeric, ValueKind.String, ValueKind.Boolean];
        foreach (var kind in numeric)
        {
            foreach (var name in (string[])["var_pop", "var_samp", "stddev_pop", "stddev_samp", "skew", "kurtosis", "median", "slope", "drawdown"])
                cases.Add(name, kind, "");
            foreach (var name in (string[])["skew", "kurtosis"]) cases.Add(name, kind, "sample");
            foreach (var share in (string[])["0", "0.05", "0.5", "0.95", "0.999", "1"]) cases.Add("percentile", kind, share);
            foreach (var name in (string[])["top_k", "bottom_k"]) cases.Add(name, kind, "3");
        }
        foreach (var kind in any)
        {
            foreach (var name in (string[])["first_k", "last_k", "first_distinct_k", "last_distinct_k", "most_frequent_k"]) cases.Add(name, kind, "1");
            foreach (var name in (string[])["first_k", "last_k", "first_distinct_k", "last_distinct_k", "most_frequent_k", "lag"]) cases.Add(name, kind, "3");
            foreach (var name in (string[])["distinct_values", "histogram"]) cases.Add(name, kind, "");
        }
        cases.Add("top_k", ValueKind.String, "2");
        cases.Add("lag", ValueKind.Number, "0");
        cases.Add("any", ValueKind.Boolean, "");
        cases.Add("all", ValueKind.Boolean, "");
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_aggregate_is_its_definition_bit_for_bit(string name, ValueKind kind, string parameter) =>
        Gen.Select(Inputs(kind), Gen.Int[0, 1_000_000]).Sample((inputs, seed) =>
        {
            if (name == "drawdown" && seed % 4 != 0) inputs = [.. inputs.Select(input => (input.Place, Absolute(input.Value)))];
            var parameters = Parameters(name, parameter);
            var fold = Fold(name, kind, parameters, inputs.Shuffled(seed));
            var expected = NaiveAggregates.Of(name, parameters, [.. inputs.OrderBy(input => input.Place)]);
            fold.Finish(Cards.Noon).ShouldBe(expected, name);
        }, iter: 40, threads: 1);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Order_grouping_and_restarts_never_change_a_byte(string name, ValueKind kind, string parameter) =>
        Gen.Select(Inputs(kind), Gen.Int[0, 1_000_000], Gen.Int[1, 9]).Sample((inputs, seed, size) =>
            Folds.ShouldNotDependOnOrder(() => Start(name, kind, Parameters(name, parameter)), inputs, seed, size), iter: 40, threads: 1);

    [Fact]
    public void Entropy_is_its_definition_and_exact_where_it_is_whole()
    {
        Gen.OneOf(Texts).List[1, 60].Sample(texts =>
        {
            var inputs = texts.Select((text, index) => (new Place(Cards.Noon, new Position((ulong)index)), Value.Of(text))).ToArray();
            Fold("entropy", ValueKind.String, AggregateParameters.None, inputs).Finish(Cards.Noon).Number
                .ShouldBe(NaiveAggregates.Entropy([.. inputs.Select(input => input.Item2)]), 1e-13);
        }, iter: 80, threads: 1);
        foreach (var (values, bits) in new[] { (1, 0.0), (2, 1.0), (8, 3.0), (512, 9.0) })
            Fold("entropy", ValueKind.Integer, AggregateParameters.None, [.. Enumerable.Range(0, 2 * values).Select(i => (default(Place), Value.Of((long)i % values)))])
                .Finish(Cards.Noon).ShouldBe(Value.Of(bits));
    }

    [Fact]
    public void A_moving_average_is_its_definition() =>
        Gen.Select(Gen.Double[-1000, 1000].Array[1, 30], Gen.Int[-100_000, 100_000].Array[30], Gen.OneOf(1, 60, 3_600, 86_400)).Sample((numbers, seconds, halfLife) =>
        {
            // Nothing lies as far back as inputs are left out.
            var inputs = numbers.Select((number, index) => (Place(seconds[index] % (halfLife * 30), index), Value.Of(number))).ToArray();
            var (average, size) = NaiveAggregates.MovingAverage(halfLife, inputs);
            var fold = Fold("ewma", ValueKind.Number, new AggregateParameters { HalfLife = Duration.Parse($"{halfLife}s") }, inputs);
            fold.Finish(Cards.Noon).Number.ShouldBe(average, size * 1e-12 + double.Epsilon);
        }, iter: 120, threads: 1);

    [Fact]
    public void Order_grouping_and_restarts_never_change_a_moving_average_or_an_entropy() =>
        Gen.Select(Inputs(ValueKind.Number), Gen.Int[0, 1_000_000], Gen.Int[1, 9], Gen.OneOf("1s", "1h", "1d")).Sample((inputs, seed, size, halfLife) =>
        {
            Folds.ShouldNotDependOnOrder(() => Start("ewma", ValueKind.Number, new AggregateParameters { HalfLife = Duration.Parse(halfLife) }), inputs, seed, size);
            Folds.ShouldNotDependOnOrder(() => Start("entropy", ValueKind.Number, new AggregateParameters { ValuesMax = 4 }), inputs, seed, size);
            Folds.ShouldNotDependOnOrder(() => Start("approx_histogram", ValueKind.Number, new AggregateParameters { Bins = 4 }), inputs, seed, size);
        }, iter: 80, threads: 1);

    [Fact]
    public void A_rate_is_per_second_of_the_windows_length()
    {
        var input = new AggregateInput(ValueKind.Number) { Window = Cards.Last("1h") };
        var fold = AggregateCatalog.Find("rate")!.Start(input);
        fold.Finish(Cards.Noon).ShouldBe(Value.Null);
        foreach (var number in new[] { 0.1, 0.2, 0.3 }) fold.Add(Value.Of(number), default);
        fold.Finish(Cards.Noon).ShouldBe(Value.Of((Rational.Sum(new[] { 0.1, 0.2, 0.3 }.Select(Rational.Of)) / Rational.Whole(3_600)).Nearest()));
        var events = AggregateCatalog.Find("rate")!.Start(new AggregateInput(Of: null) { Window = Cards.Bucket("1m") });
        for (var i = 0; i < 90; i++) events.Add(Value.Null, default);
        events.Finish(Cards.Noon).ShouldBe(Value.Of(1.5));
    }

    [Theory]
    [InlineData("90m", "1h")]
    [InlineData("1h", "1h")]
    [InlineData("30m", "1h")]
    public void A_rate_of_a_hopping_window_is_per_second_of_its_length_and_not_of_its_hops(string length, string every)
    {
        var window = new Window.Hopping(Duration.Parse(length), Duration.Parse(every));
        var view = Cards.Compiled(Cards.Feature("rate", "amount", window, name: "rate"), Cards.Feature("sum", "amount", window, name: "sum"));
        var state = view.NewState("1");
        // All within the first hour, so that the first complete window holds them, and the one after the next none.
        for (var i = 0; i < 6; i++)
            state.Offer(Cards.Row(view, Cards.Paid(i, Cards.Noon + new Duration(600_000_000L * i) - Duration.Parse("50m"), $"\"amount\": {i}.5")));
        foreach (var minutes in new[] { 0, 30, 59, 60, 61, 119, 120, 200 })
        {
            var asOf = Cards.Noon + new Duration(60_000_000L * minutes);
            var values = state.TryEvaluate(asOf)!;
            values[0].Value.ShouldBe(values[1].Value.IsNull ? Value.Null : Value.Of(values[1].Value.Number / window.Length.TotalSeconds), $"{minutes} min after noon");
        }
    }

    internal static AggregateParameters Parameters(string name, string text) => name switch
    {
        "percentile" => new() { Percentile = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture) },
        _ when text.Length == 0 => AggregateParameters.None,
        _ when text == "sample" => new() { OfSample = true },
        _ => new() { K = long.Parse(text, System.Globalization.CultureInfo.InvariantCulture) },
    };

    private static Accumulator Start(string name, ValueKind kind, AggregateParameters parameters) =>
        AggregateCatalog.Find(name)!.Start(new AggregateInput(kind) { Parameters = parameters });

    private static Accumulator Fold(string name, ValueKind kind, AggregateParameters parameters, (Place Place, Value Value)[] inputs)
    {
        var fold = Start(name, kind, parameters);
        foreach (var (place, value) in inputs) fold.Add(value, place);
        return fold;
    }

    private static Gen<(Place Place, Value Value)[]> Inputs(ValueKind kind)
    {
        var values = kind switch
        {
            ValueKind.Number => Gen.OneOf(Gen.OneOf(Awkward), Gen.Double[-1000, 1000], Gen.Double[0, 10]).Select(number => Value.Of(number)),
            ValueKind.Integer => Gen.OneOf(Gen.OneOf(Integers), Gen.Long[-5, 5]).Select(number => Value.Of(number)),
            ValueKind.Decimal => Gen.OneOf(Gen.OneOf(Decimals), Gen.Int[-500, 500].Select(cents => cents / 100m)).Select(number => Value.Of(number)),
            ValueKind.String => Gen.OneOf(Texts).Select(text => Value.Of(text)),
            _ => Gen.Bool.Select(flag => Value.Of(flag)),
        };
        return Gen.Select(values, Gen.Int[-5_000, 5_000]).Array[0, 40].Select(rows => rows.Select((row, index) => (Place(row.Item2 / 3 * 3, index), row.Item1)).ToArray());
    }

    private static Place Place(int seconds, int index) => new(Cards.Noon + new Duration(seconds * 1_000_000L), new Position((ulong)index * 10));

    private static Value Absolute(Value value) => value.Kind switch
    {
        ValueKind.Number => Value.Of(Math.Abs(value.Number)),
        ValueKind.Integer => Value.Of(value.Integer == long.MinValue ? 5 : Math.Abs(value.Integer)),
        _ => Value.Of(Math.Abs(value.Decimal)),
    };
}
