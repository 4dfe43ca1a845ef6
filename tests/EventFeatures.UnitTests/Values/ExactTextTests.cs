using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Values;

public sealed class ExactTextTests
{
    [Fact]
    public void Every_power_of_two_reads_back_as_the_same_bits()
    {
        for (var exponent = -1_074; exponent < 1_024; exponent++)
        {
            CheckBothWays(Math.ScaleB(1, exponent));
            CheckBothWays(-Math.ScaleB(1, exponent));
        }
    }

    [Fact]
    public void Every_finite_number_reads_back_as_the_same_bits() =>
        Gen.Double.Where(double.IsFinite).Sample(CheckBothWays, iter: 20_000, threads: 1);

    [Theory]
    [InlineData(-0.0)]
    [InlineData(0.1)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    public void Odd_numbers_read_back_as_the_same_bits(double number) => CheckBothWays(number);

    [Theory]
    [InlineData(1.0, "1")]
    [InlineData(0.5, "0.5")]
    [InlineData(0.1, "0.1")]
    public void The_text_is_short_where_short_is_exact(double number, string expected)
    {
        ExactText.Write(number).ShouldBe(expected);
        ValueJson.Write(Value.Of(number)).ShouldBe(expected);
    }

    private static void CheckBothWays(double number)
    {
        double.Parse(ExactText.Write(number), CultureInfo.InvariantCulture).ShouldBe(number);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(ValueJson.Write(Value.Of(number))));
        BitConverter.DoubleToInt64Bits(json.RootElement.GetDouble()).ShouldBe(BitConverter.DoubleToInt64Bits(number));
    }
}
