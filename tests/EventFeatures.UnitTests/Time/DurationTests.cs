using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Time;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 250_000)]
    [InlineData("90s", 90_000_000)]
    [InlineData("15m", 900_000_000)]
    [InlineData("2h", 7_200_000_000)]
    [InlineData("7d", 604_800_000_000)]
    [InlineData("5us", 5)]
    [InlineData("0s", 0)]
    public void A_number_and_a_unit_is_a_duration(string text, long microseconds) => Duration.Parse(text).ShouldBe(new Duration(microseconds));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("h")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("1 h")]
    [InlineData("1h30m")]
    [InlineData("1H")]
    [InlineData("999999999999999d")]
    public void Anything_else_is_refused(string text)
    {
        Duration.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => Duration.Parse(text)).Message.ShouldContain("15m");
    }

    [Theory]
    [InlineData("90s", "90s")]
    [InlineData("120m", "2h")]
    [InlineData("24h", "1d")]
    [InlineData("1500ms", "1500ms")]
    public void It_is_written_in_the_largest_unit_that_is_exact(string text, string written) => Duration.Parse(text).ToString().ShouldBe(written);
}
