using System.Numerics;
using CsCheck;
using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Values;

public sealed class ExactSumTests
{
    /// <summary>Numbers of like size, of all sizes, and whole numbers whose sums lie halfway between two doubles.</summary>
    private static readonly Gen<double> Terms = Gen.OneOf(
        Gen.Double[-1000, 1000], Gen.Double.Where(double.IsFinite), Gen.Long[1L << 52, 1L << 54].Select(whole => (double)whole), Gen.OneOf(1.0, -1.0, 0.5, -0.0, double.Epsilon, double.MaxValue, 1L << 53));

    [Fact]
    public void The_short_way_to_a_double_rounds_as_the_long_one() => Terms.Array[0, 8].Sample(terms =>
    {
        var sum = ExactSum.OfPowers(1);
        foreach (var term in terms) sum.Add(term);
        var nearest = ExactRatio.ToDouble(sum.ToUnits(out var exponent), BigInteger.One, exponent);
        BitConverter.DoubleToInt64Bits(sum.ToDouble()).ShouldBe(BitConverter.DoubleToInt64Bits(nearest));
    }, iter: 2000, threads: 1);

    [Theory]
    [InlineData(1L << 53, 1L, 1L << 53)]
    [InlineData((1L << 53) + 2, 1L, (1L << 53) + 4)]
    [InlineData(-(1L << 53) - 2, -1L, -(1L << 53) - 4)]
    public void Halves_round_to_even(long first, long second, long expected)
    {
        var sum = ExactSum.OfPowers(1);
        sum.Add(first);
        sum.Add(second);
        sum.ToDouble().ShouldBe(expected);
    }
}
