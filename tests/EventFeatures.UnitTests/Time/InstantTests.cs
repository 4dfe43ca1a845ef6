using System.Globalization;
using CsCheck;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Time;

public sealed class InstantTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("1970-01-01T00:00Z", 0)]
    [InlineData("1970-01-01 00:00:01Z", 1_000_000)]
    [InlineData("1970-01-01T00:00:00.000001Z", 1)]
    [InlineData("1970-01-01T00:00:00.1Z", 100_000)]
    [InlineData("1970-01-01T00:00:00.1234560000Z", 123_456)]
    [InlineData("1970-01-01T01:00:00+01:00", 0)]
    [InlineData("1970-01-01T00:00:00-0130", 5_400_000_000)]
    [InlineData("1969-12-31T23:59:59.999999Z", -1)]
    public void A_time_with_an_offset_is_read(string text, long microseconds) => Instant.Parse(text).ShouldBe(new Instant(microseconds));

    [Theory]
    [InlineData("")]
    [InlineData("1970-01-01")]
    [InlineData("1970-01-01T00:00:00")]
    [InlineData("1970-01-01T00:00")]
    [InlineData("1970-01-01T00:00:60Z")]
    [InlineData("1970-01-01T24:00:00Z")]
    [InlineData("1970-02-29T00:00:00Z")]
    [InlineData("1970-13-01T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("1970-01-01T00:00:00.Z")]
    [InlineData("1970-01-01T00:00:00.0000001Z")]
    [InlineData("1970-01-01T00:00:00+15:00")]
    [InlineData("1970-01-01T00:00:00+1:00")]
    [InlineData("1970-01-01T00:00:00ZZ")]
    [InlineData(" 1970-01-01T00:00:00Z")]
    [InlineData("1970-01-01T00:00:0٠Z")]
    [InlineData("1970-01-01T00:00:00+01:")]
    public void Anything_else_is_refused(string text) => Instant.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_time_is_read_as_the_library_reads_it() =>
        Gen.Select(Gen.Long[Instant.MinValue.Microseconds, Instant.MaxValue.Microseconds], Gen.Int[-840, 840]).Sample((microseconds, offset) =>
        {
            var time = new Instant(microseconds).ToDateTimeOffset();
            if (time.UtcTicks + offset * TimeSpan.TicksPerMinute is < 0 or > 3155378975999999999) return;
            var text = time.ToOffset(TimeSpan.FromMinutes(offset)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
            Instant.Parse(text).ShouldBe(new Instant(microseconds));
            Instant.Parse(new Instant(microseconds).ToString()).ShouldBe(new Instant(microseconds));
        }, iter: 2_000, threads: 1);

    [Fact]
    public void Damaged_text_is_refused_and_never_throws() =>
        Gen.Select(Gen.Int[0, 31], Gen.Char).Sample((at, letter) =>
        {
            var text = "2026-01-31T12:34:56.123456+01:00".ToCharArray();
            text[at] = letter;
            Instant.TryParse(new string(text), out _);
        }, iter: 2_000, threads: 1);
}
