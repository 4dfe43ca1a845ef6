using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class AccumulatorTests
{
    private static readonly double[] Awkward =
        [0.0, -0.0, 0.1, 1e308, -1e308, double.MaxValue, double.Epsilon, -double.Epsilon, 1e-160, 3e154, 1 + double.BitIncrement(0), 1 / 3.0, 9007199254740993];

    private static readonly Gen<double> Finite = Gen.Frequency(
        (3, Gen.OneOf(Awkward)), (2, Gen.Double[-1000, 1000]), (1, Gen.ULong.Select(bits => BitConverter.UInt64BitsToDouble(bits & 0xBFEF_FFFF_FFFF_FFFF))));

    [Theory]
    [InlineData("sum")]
    [InlineData("mean")]
    [InlineData("stddev_samp")]
    [InlineData("min")]
    [InlineData("max")]
    [InlineData("first")]
    [InlineData("last")]
    [InlineData("count")]
    [InlineData("distinct_count")]
    [InlineData("seconds_since_last")]
    public void Order_and_grouping_never_change_a_byte(string aggregate) =>
        Gen.Select(Finite.Array[0, 40], Gen.Int[0, 1_000_000], Gen.Int[1, 7]).Sample((inputs, seed, groups) =>
        {
            var places = inputs.Select((input, index) => (Input: Value.Of(input), Place: new Place(Cards.Noon, new Position((ulong)index)))).ToArray();
            var inOrder = Fold(aggregate, places);
            var shuffled = places.ToArray();
            new Random(seed).Shuffle(shuffled);
            var merged = Fold(aggregate, []);
            foreach (var group in shuffled.Chunk(groups)) merged.Merge(Fold(aggregate, group));
            Folds.Bytes(merged).ShouldBeSame(Folds.Bytes(inOrder));
            merged.Finish(Cards.Noon).ShouldBe(inOrder.Finish(Cards.Noon));
            Folds.Bytes(Folds.Restored(merged, Fold(aggregate, []))).ShouldBeSame(Folds.Bytes(merged));
        }, iter: 200, threads: 1);

    [Fact]
    public void Sums_means_and_deviations_of_any_doubles_are_their_definitions() =>
        Finite.Array[2, 30].Sample(inputs =>
        {
            var rows = inputs.Select(input => (Cards.Noon, Value.Of(input))).ToList();
            foreach (var name in new[] { "sum", "mean", "stddev_samp" })
                Fold(name, [.. inputs.Select(input => (Value.Of(input), default(Place)))]).Finish(Cards.Noon)
                    .ShouldBe(Naive.Aggregate(name, true, rows, Cards.Noon), name);
        }, iter: 400, threads: 1);

    [Theory]
    [InlineData("sum", new[] { 1, double.NaN }, double.NaN)]
    [InlineData("sum", new[] { 1, double.PositiveInfinity }, double.PositiveInfinity)]
    [InlineData("sum", new[] { double.NegativeInfinity, double.PositiveInfinity }, double.NaN)]
    [InlineData("sum", new[] { -0.0, -0.0 }, 0.0)]
    [InlineData("sum", new[] { double.MaxValue, double.MaxValue }, double.PositiveInfinity)]
    [InlineData("sum", new[] { double.MaxValue, double.MaxValue, -double.MaxValue }, double.MaxValue)]
    [InlineData("sum", new[] { 1e100, 1, -1e100 }, 1.0)]
    [InlineData("mean", new[] { double.MaxValue, double.MaxValue }, double.MaxValue)]
    [InlineData("mean", new[] { 1, double.NegativeInfinity }, double.NegativeInfinity)]
    [InlineData("stddev_samp", new[] { 1, double.PositiveInfinity }, double.NaN)]
    [InlineData("stddev_samp", new[] { 1e9, 1e9 + 1, 1e9 + 2 }, 1.0)]
    [InlineData("min", new[] { double.NaN, 2 }, 2.0)]
    [InlineData("max", new[] { double.NaN, 2 }, double.NaN)]
    [InlineData("min", new[] { 0.0, -0.0 }, -0.0)]
    [InlineData("max", new[] { -0.0, 0.0 }, 0.0)]
    public void Irregular_numbers_have_one_documented_result(string aggregate, double[] inputs, double expected) =>
        Fold(aggregate, [.. inputs.Select(input => (Value.Of(input), default(Place)))]).Finish(Cards.Noon).ShouldBe(Value.Of(expected));

    [Fact]
    public void Distinct_counts_take_both_zeros_for_one_and_all_nans_for_one() =>
        Fold("distinct_count", [.. new[] { 0.0, -0.0, double.NaN, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0001) }.Select(input => (Value.Of(input), default(Place)))])
            .Finish(Cards.Noon).ShouldBe(Value.Of(2L));

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(5_000)]
    [InlineData(200_000)]
    public void Distinct_counts_are_exact_to_256_and_within_four_standard_errors_past_it(int distinct)
    {
        var fold = AggregateCatalog.Find("distinct_count")!.Start(new AggregateInput(ValueKind.String));
        for (var i = 0; i < distinct; i++) fold.Add(Value.Of($"value {i}"), default);
        var estimate = fold.Finish(Cards.Noon).Integer;
        if (distinct <= 256) estimate.ShouldBe(distinct);
        else Math.Abs(estimate - distinct).ShouldBeLessThanOrEqualTo((long)(distinct * 4 * 0.0081) + 1);
    }

    [Fact]
    public void A_sketch_is_the_same_whether_its_parts_were_exact_or_not()
    {
        var values = Enumerable.Range(0, 1_000).Select(index => (Value.Of((double)index), default(Place))).ToArray();
        var whole = Fold("distinct_count", values);
        var merged = Fold("distinct_count", values[..100]);
        merged.Merge(Fold("distinct_count", values[50..900]));
        merged.Merge(Fold("distinct_count", values[800..]));
        Folds.Bytes(merged).ShouldBeSame(Folds.Bytes(whole));
    }

    [Fact]
    public void Integer_sums_pass_64_bits_exactly()
    {
        var fold = AggregateCatalog.Find("sum")!.Start(new AggregateInput(ValueKind.Integer));
        for (var i = 0; i < 4; i++) fold.Add(Value.Of(long.MaxValue), default);
        fold.Finish(Cards.Noon).ShouldBe(Value.Of(36893488147419103228m));
    }

    [Fact]
    public void Decimal_sums_keep_every_digit_and_round_once_when_28_are_too_few()
    {
        var fold = AggregateCatalog.Find("sum")!.Start(new AggregateInput(ValueKind.Decimal));
        foreach (var input in new[] { 79228162514264337593543950335m, 0.4m, -79228162514264337593543950335m }) fold.Add(Value.Of(input), default);
        fold.Finish(Cards.Noon).ShouldBe(Value.Of(0.4m));
        fold.Add(Value.Of(79228162514264337593543950335m), default);
        fold.Finish(Cards.Noon).ShouldBe(Value.Of(79228162514264337593543950335m));
        fold.Add(Value.Of(79228162514264337593543950335m), default);
        fold.Finish(Cards.Noon).ShouldBe(Value.Null);
    }

    private static Accumulator Fold(string aggregate, (Value Input, Place Place)[] rows)
    {
        var fold = AggregateCatalog.Find(aggregate)!.Start(new AggregateInput(ValueKind.Number));
        foreach (var (input, place) in rows) fold.Add(input, place);
        return fold;
    }
}
