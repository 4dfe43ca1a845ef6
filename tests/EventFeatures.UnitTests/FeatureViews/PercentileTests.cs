using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class PercentileTests
{
    private static readonly decimal[] Shares = [0, 0.001m, 0.01m, 0.25m, 0.5m, 0.75m, 0.9m, 0.99m, 0.999m, 1];

    /// <summary>Distributions of different spans and shapes, by name.</summary>
    public static TheoryData<string> Distributions => ["uniform", "log-normal", "exponential", "both-signs", "clustered", "integers", "decimals", "six-decades"];

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Past_2048_different_inputs_a_percentile_is_within_its_stated_error(string distribution)
    {
        var inputs = Inputs(distribution, 20_000, seed: 7);
        var sorted = inputs.Select(value => ToDouble(value)).Order().ToArray();
        inputs.Distinct().Count().ShouldBeGreaterThan(2_048);
        var bound = Octaves(sorted) / 2_045;
        var fold = Fold(inputs, 0.5m);
        foreach (var share in Shares)
        {
            var value = At(fold, inputs[0].Kind, share);
            var rank = (double)share * (sorted.Length - 1);
            var (below, above) = (sorted[(int)Math.Floor(rank)], sorted[(int)Math.Ceiling(rank)]);
            var slack = Math.Max(Math.Abs(below), Math.Abs(above)) * bound;
            value.ShouldBeInRange(below - slack, above + slack, $"{distribution} at {share}");
        }
        At(fold, inputs[0].Kind, 0).ShouldBe(sorted[0]);
        At(fold, inputs[0].Kind, 1).ShouldBe(sorted[^1]);
    }

    [Theory]
    [InlineData("uniform", 0.005)]
    [InlineData("log-normal", 0.005)]
    [InlineData("exponential", 0.005)]
    public void On_smooth_distributions_the_rank_is_off_by_less_than_half_a_percent(string distribution, double most)
    {
        var inputs = Inputs(distribution, 20_000, seed: 3);
        var sorted = inputs.Select(value => value.Number).Order().ToArray();
        var fold = Fold(inputs, 0.5m);
        foreach (var share in Shares)
        {
            var value = At(fold, ValueKind.Number, share);
            var (low, high) = (sorted.Count(one => one < value), sorted.Count(one => one <= value));
            var rank = (double)share * sorted.Length;
            Math.Max(Math.Max(low - rank, rank - high), 0).ShouldBeLessThanOrEqualTo(most * sorted.Length, $"{distribution} at {share}");
        }
    }

    [Fact]
    public void However_often_they_occur_2048_different_inputs_are_exact()
    {
        var inputs = Enumerable.Range(0, 20_480).Select(index => Value.Of(index % 2_048 / 7.0)).ToArray();
        var sorted = inputs.Select(value => value.Number).Order().ToArray();
        Fold(inputs, 0.9m).Finish(Cards.Noon).ShouldBe(Value.Of(
            ((Rational.Of(sorted[18431]) * new Rational(9, 10)) + (Rational.Of(sorted[18432]) * new Rational(1, 10))).Nearest()));
    }

    [Fact]
    public void A_sketch_does_not_depend_on_order_grouping_or_restarts()
    {
        foreach (var distribution in (string[])["log-normal", "both-signs", "decimals"])
        {
            var inputs = Inputs(distribution, 6_000, seed: 5).Select((value, index) => (new Place(Cards.Noon, new Position((ulong)index)), value)).ToArray();
            var kind = inputs[0].value.Kind;
            Accumulator Start() => AggregateCatalog.Find("median")!.Start(new AggregateInput(kind));
            foreach (var (seed, size) in new[] { (1, 4_000), (2, 100), (3, 2_500) }) Folds.ShouldNotDependOnOrder(Start, inputs, seed, size);
        }
    }

    [Fact]
    public void Any_numbers_whatever_fit_into_the_buckets() =>
        Gen.Select(Gen.ULong.Array[3_000], Gen.Int[0, 1_000_000]).Sample((bits, seed) =>
        {
            var inputs = bits.Select((one, index) => (new Place(Cards.Noon, new Position((ulong)index)), Value.Of(BitConverter.UInt64BitsToDouble(one)))).ToArray();
            Folds.ShouldNotDependOnOrder(() => AggregateCatalog.Find("median")!.Start(new AggregateInput(ValueKind.Number)), inputs, seed, 700);
        }, iter: 3, threads: 1);

    [Theory]
    [InlineData(new[] { 1, double.PositiveInfinity }, 0.5, double.PositiveInfinity)]
    [InlineData(new[] { double.NegativeInfinity, 1.0 }, 0.5, double.NegativeInfinity)]
    [InlineData(new[] { double.NegativeInfinity, double.PositiveInfinity }, 0.5, double.NaN)]
    [InlineData(new[] { double.NaN, 1, 2 }, 0.5, 2.0)]
    [InlineData(new[] { double.NaN, 1, 2 }, 1, double.NaN)]
    [InlineData(new[] { -0.0, -0.0 }, 0.5, 0.0)]
    [InlineData(new[] { 1e308, 1.7e308 }, 0.5, 1.35e308)]
    [InlineData(new[] { -1e308, 1e308 }, 0.5, 0.0)]
    [InlineData(new[] { 3.0 }, 0.3, 3.0)]
    [InlineData(new[] { 1.0, 2 }, 0.25, 1.25)]
    public void Irregular_numbers_have_one_documented_result(double[] inputs, double share, double expected) =>
        Fold([.. inputs.Select(input => Value.Of(input))], (decimal)share).Finish(Cards.Noon).ShouldBe(Value.Of(expected));

    [Fact]
    public void Integers_and_decimals_are_interpolated_before_they_are_rounded()
    {
        Fold([Value.Of(long.MaxValue), Value.Of(long.MaxValue - 2)], 0.5m).Finish(Cards.Noon).ShouldBe(Value.Of((double)(long.MaxValue - 1)));
        Fold([Value.Of(9007199254740993L), Value.Of(9007199254740995L)], 0.5m).Finish(Cards.Noon).ShouldBe(Value.Of(9007199254740994.0));
        Fold([Value.Of(0.1m), Value.Of(0.2m)], 0.5m).Finish(Cards.Noon).ShouldBe(Value.Of(0.15));
    }

    private static Accumulator Start(ValueKind kind, decimal share) => AggregateCatalog.Find("percentile")!.Start(new AggregateInput(kind) { Parameters = new() { Percentile = share } });

    // What a fold keeps does not depend on the share that is asked of it.
    private static double At(Accumulator fold, ValueKind kind, decimal share) => Folds.Restored(fold, Start(kind, share)).Finish(Cards.Noon).Number;

    private static Accumulator Fold(Value[] inputs, decimal share)
    {
        var fold = Start(inputs[0].Kind, share);
        foreach (var input in inputs) fold.Add(input, default);
        return fold;
    }

    private static Value[] Inputs(string distribution, int count, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, count).Select(_ => distribution switch
        {
            "uniform" => Value.Of(1 + random.NextDouble() * 999),
            "log-normal" => Value.Of(Math.Exp(3 + Normal())),
            "exponential" => Value.Of(-Math.Log(1 - random.NextDouble()) * 100),
            "both-signs" => Value.Of(Normal() * 1_000),
            "clustered" => Value.Of(1e9 + random.NextDouble()),
            "integers" => Value.Of((long)Math.Exp(8 + 3 * Normal())),
            "decimals" => Value.Of(Math.Round((decimal)Math.Exp(4 + Normal()), 2)),
            _ => Value.Of(Math.Pow(10, random.NextDouble() * 6)),
        })];
    }

    private static double ToDouble(Value value) => value.Kind switch
    {
        ValueKind.Number => value.Number,
        ValueKind.Integer => value.Integer,
        _ => (double)value.Decimal,
    };

    // How many powers of two the sizes span, those of negative and of positive inputs taken together.
    private static double Octaves(double[] sorted)
    {
        double Span(IEnumerable<double> sizes) => sizes.Any() ? Math.Log2(sizes.Max() / sizes.Min()) : 0;
        return Span([.. sorted.Where(one => one > 0)]) + Span([.. sorted.Where(one => one < 0).Select(one => -one)]) + 0.5;
    }
}
