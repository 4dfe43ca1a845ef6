using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Values;

public sealed class ExactNumberTests
{
    [Fact]
    public void A_ratio_of_two_doubles_rounds_as_the_processor_divides() =>
        Gen.Select(Gen.Long[-(1L << 53), 1L << 53], Gen.Long[1, 1L << 53], Gen.Int[-1_100, 1_100]).Sample((numerator, denominator, exponent) =>
        {
            ExactRatio.ToDouble(numerator, denominator).ShouldBe((double)numerator / denominator);
            // One rounding: scaling an exact integer is what ScaleB does.
            ExactRatio.ToDouble(numerator, 1, exponent).ShouldBe(Math.ScaleB(numerator, exponent));
        }, iter: 5_000, threads: 1);

    [Theory]
    [InlineData("1797693134862315807e290", 1.7976931348623157e308)]
    [InlineData("1797693134862315808e290", double.PositiveInfinity)]
    [InlineData("-1e400", double.NegativeInfinity)]
    [InlineData("0", 0.0)]
    public void The_ends_of_the_range_round_as_ieee_754_says(string number, double expected) =>
        ExactRatio.ToDouble(BigInteger.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture), 1).ShouldBe(expected);

    [Fact]
    public void Less_than_half_of_the_least_double_is_zero_and_half_a_step_goes_to_even()
    {
        ExactRatio.ToDouble(1, 1, -1075).ShouldBe(0.0);
        ExactRatio.ToDouble(3, 1, -1076).ShouldBe(double.Epsilon);
        ExactRatio.ToDouble(3, 1, -1075).ShouldBe(2 * double.Epsilon);
        ExactRatio.ToDouble(1, BigInteger.Pow(10, 400)).ShouldBe(0.0);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("1.50", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1E+3", "1000")]
    [InlineData("12.5e-3", "0.0125")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("1.00000000000000000000000000000000000000", "1")]
    [InlineData("0e999999", "0")]
    [InlineData("100000000000000000000e-20", "1")]
    public void A_decimal_is_read_exactly(string json, string expected)
    {
        ExactDecimal.TryParse(Encoding.UTF8.GetBytes(json), out var value).ShouldBeTrue();
        Value.Of(value).ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("79228162514264337593543950336")]
    [InlineData("0.00000000000000000000000000001")]
    [InlineData("1e29")]
    [InlineData("1e999999999")]
    [InlineData("1.00000000000000000000000000001")]
    public void A_decimal_that_would_be_rounded_is_refused(string json) =>
        ExactDecimal.TryParse(Encoding.UTF8.GetBytes(json), out _).ShouldBeFalse();

    [Fact]
    public void A_decimal_becomes_the_double_that_its_digits_read_as() =>
        Gen.Decimal.Sample(value =>
            ExactDecimal.ToDouble(value).ShouldBe(double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)), iter: 3_000, threads: 1);

    [Fact]
    public void Values_order_totally()
    {
        Value[] ordered = [Value.Of(double.NegativeInfinity), Value.Of(-1.0), Value.Of(-0.0), Value.Of(0.0), Value.Of(double.Epsilon), Value.Of(double.PositiveInfinity), Value.Of(double.NaN)];
        for (var i = 0; i < ordered.Length; i++)
            for (var j = 0; j < ordered.Length; j++)
                Math.Sign(ValueOrder.Compare(ordered[i], ordered[j])).ShouldBe(Math.Sign(i.CompareTo(j)));
        Should.Throw<ArgumentException>(() => ValueOrder.Compare(Value.Of(1L), Value.Of(1.0)));
    }
}
