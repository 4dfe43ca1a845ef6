using System.Numerics;
using CsCheck;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Values;

public sealed class SquareRootTests
{
    [Fact]
    public void A_square_root_is_the_nearest_double() =>
        Gen.Select(Gen.ULong, Gen.ULong[1, ulong.MaxValue], Gen.Int[-600, 600]).Sample((above, below, scale) =>
        {
            var (numerator, denominator) = ((BigInteger)above << Math.Max(scale, 0), (BigInteger)below << Math.Max(-scale, 0));
            ExactRatio.SquareRoot(numerator, denominator).ShouldBe(new FeatureViews.Rational(numerator, denominator).NearestRoot());
        }, iter: 500, threads: 1);

    [Theory]
    [InlineData(0, 1, 0.0)]
    [InlineData(4, 1, 2.0)]
    [InlineData(1, 4, 0.5)]
    [InlineData(2, 1, 1.4142135623730951)]
    public void Some_roots_are_known(int above, int below, double root) => ExactRatio.SquareRoot(above, below).ShouldBe(root);

    [Theory]
    [InlineData(1UL, 0.0)]
    [InlineData(2UL, 1.0)]
    [InlineData(1UL << 62, 62.0)]
    [InlineData(3UL, 1.584962500721156)]
    [InlineData(10UL, 3.321928094887362)]
    [InlineData(ulong.MaxValue, 64.0)]
    public void A_logarithm_to_base_2_is_the_nearest_double(ulong number, double logarithm) =>
        ExactRatio.ToDouble(BinaryLogarithm.Of(number), 1, -BinaryLogarithm.Places).ShouldBe(logarithm);

    [Fact]
    public void A_part_of_a_half_life_has_the_power_that_it_should() =>
        Gen.Select(Gen.Long[1, long.MaxValue / 2], Gen.Double[0, 1]).Sample((whole, share) =>
        {
            var part = Math.Min((long)(whole * share), whole - 1);
            (BinaryLogarithm.Power(part, whole) / Math.Pow(2, 63)).ShouldBe(Math.Pow(2, (double)part / whole), 1e-15);
        }, iter: 1_000, threads: 1);
}
