using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Values;

public sealed class ValueTests
{
    [Fact]
    public void Values_are_equal_by_kind_and_bits()
    {
        Value.Of(0.0).ShouldNotBe(Value.Of(-0.0));
        Value.Of(double.NaN).ShouldBe(Value.Of(double.NaN));
        Value.Of(1L).ShouldNotBe(Value.Of(1.0));
        Value.Of(1.50m).ShouldBe(Value.Of(1.5m));
        Value.Of(-0.0m).ToString().ShouldBe(Value.Of(0m).ToString());
        Value.Of([Value.Of(1L), Value.Null]).ShouldBe(Value.Of([Value.Of(1L), default]));
        Value.Of(new Dictionary<string, Value> { ["a"] = Value.Of(1L) }).ShouldBe(Value.Of(new Dictionary<string, Value> { ["a"] = Value.Of(1L) }));
    }

    [Fact]
    public void Json_is_canonical()
    {
        Value.Null.ToString().ShouldBe("null");
        Value.Of(-0.0).ToString().ShouldBe("-0");
        Value.Of(0.1).ToString().ShouldBe("0.1");
        Value.Of(double.NegativeInfinity).ToString().ShouldBe("\"-Infinity\"");
        Value.Of(1.50m).ToString().ShouldBe("1.5");
        Value.Of("é<'\"").ToString().ShouldBe("\"é<'\\\"\"");
        Value.Of(Instant.Parse("2026-01-01T01:00:00.5+01:00")).ToString().ShouldBe("\"2026-01-01T00:00:00.5Z\"");
        Value.Of(new DateOnly(2026, 1, 31)).ToString().ShouldBe("\"2026-01-31\"");
        Value.Of(new Dictionary<string, Value> { ["b"] = Value.Of(true), ["a"] = Value.Of([Value.Of(1L)]) }).ToString().ShouldBe("{\"a\":[1],\"b\":true}");
    }
}
