using System.Globalization;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Values;
using EventFeatures.Server.Api;
using EventFeatures.Server.Errors;
using Shouldly;
using Xunit;
using ValueMessage = EventFeatures.Api.V1.Value;

namespace EventFeatures.UnitTests.Values;

/// <summary>A decimal of a request is kept as it is written or refused, and never rounded.</summary>
public sealed class WholeDecimalTests
{
    [Theory]
    [InlineData("12.50", "12.5")]
    [InlineData("+12.50", "12.5")]
    [InlineData("-0.0000000000000000000000000001")]
    [InlineData("0.1234567890123456789012345678")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("1.0000000000000000000000000", "1")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    [InlineData("1e3", "1000")]
    public void One_that_fits_is_kept(string text, string? kept = null)
    {
        new ValueMessage { Decimal = text }.ToValue("context.price").Decimal.ToString(CultureInfo.InvariantCulture).ShouldBe(kept ?? text);
        ValueConversion.To(ValueKind.Decimal, Value.Of(text)).ShouldNotBeNull().Decimal.ToString(CultureInfo.InvariantCulture).ShouldBe(kept ?? text);
    }

    [Theory]
    [InlineData("0.12345678901234567890123456789012")]
    [InlineData("1e-40")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("79228162514264337593543950335.4")]
    [InlineData("1.2.3")]
    [InlineData("-")]
    [InlineData("")]
    [InlineData("1,000")]
    [InlineData("twelve")]
    public void One_that_would_be_rounded_or_is_none_is_refused(string text)
    {
        Should.Throw<InvalidRequestException>(() => new ValueMessage { Decimal = text }.ToValue("context.price"))
            .Message.ShouldContain($"'{text}' is not a decimal of up to 28 digits, and it is not rounded to one.");
        ValueConversion.To(ValueKind.Decimal, Value.Of(text)).ShouldBeNull();
    }

    [Theory]
    [InlineData(12.1, "12.1")]
    [InlineData(1e-28, "0.0000000000000000000000000001")]
    [InlineData(0, "0")]
    [InlineData(1e-30, null)]
    [InlineData(1.2345678901234567e-14, null)]
    [InlineData(1e29, null)]
    public void A_double_is_a_decimal_where_its_shortest_text_is_one(double number, string? kept) =>
        (ValueConversion.To(ValueKind.Decimal, Value.Of(number)) is { } value ? value.Decimal.ToString(CultureInfo.InvariantCulture) : null).ShouldBe(kept);
}
