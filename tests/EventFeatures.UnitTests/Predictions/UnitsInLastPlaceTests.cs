using EventFeatures.Core.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

public sealed class UnitsInLastPlaceTests
{
    [Theory]
    [InlineData(1f, 1f, 0ul)]
    [InlineData(0f, -0f, 1ul)]
    [InlineData(float.Epsilon, -float.Epsilon, 3ul)]
    [InlineData(1f, 1.0000001f, 1ul)]
    [InlineData(float.NaN, float.NaN, 0ul)]
    public void Floats_are_as_far_apart_as_there_are_floats_between_them(float left, float right, ulong expected) =>
        UnitsInLastPlace.Between(left, right).ShouldBe(expected);

    [Fact]
    public void The_whole_line_of_doubles_fits()
    {
        UnitsInLastPlace.Between(double.NegativeInfinity, double.PositiveInfinity).ShouldBe(0xFFE0000000000001ul);
        UnitsInLastPlace.Between(1.0, Math.BitIncrement(1.0)).ShouldBe(1ul);
    }

    [Fact]
    public void A_number_and_a_NaN_are_at_no_distance() => UnitsInLastPlace.Between(1.0, double.NaN).ShouldBeNull();
}
