using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Verbs;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>A request's context as it is typed: what a value is, the service declares.</summary>
public sealed class ContextOptionTests
{
    private static readonly SpineColumns Columns = new(
        new Dictionary<string, string> { ["card"] = "integer" },
        new Dictionary<string, string>
        {
            ["mcc"] = "string", ["units"] = "integer", ["amount"] = "number", ["price"] = "decimal", ["online"] = "boolean",
            ["due"] = "timestamp", ["day"] = "date", ["card"] = "string",
        });

    public static TheoryData<string, Value> Typed => new()
    {
        { "mcc=5411", new Value { Text = "5411" } },
        { "mcc=true", new Value { Text = "true" } },
        { "mcc=", new Value { Text = "" } },
        { "mcc=a=b", new Value { Text = "a=b" } },
        { "card=7", new Value { Text = "7" } },
        { "units=7", new Value { Integer = 7 } },
        { "amount=7", new Value { Number = 7 } },
        { "amount=12.5", new Value { Number = 12.5 } },
        { "price=12345678901234567890.12345678", new Value { Decimal = "12345678901234567890.12345678" } },
        { "online=true", new Value { Boolean = true } },
        { "due=2026-01-01T01:00:00+01:00", new Value { Timestamp = "2026-01-01T00:00:00Z" } },
        { "day=2026-01-31", new Value { Date = "2026-01-31" } },
        { "amount=null", new Value { Null = Google.Protobuf.WellKnownTypes.NullValue.NullValue } },
        { "mcc=null", new Value { Null = Google.Protobuf.WellKnownTypes.NullValue.NullValue } },
        { "unheard_of=7", new Value { Text = "7" } },
    };

    [Theory]
    [MemberData(nameof(Typed))]
    public void A_value_is_read_as_the_type_that_the_service_declares(string typed, Value expected) =>
        ContextOption.Read(ContextOption.Typed([typed]), Columns).Values.ShouldHaveSingleItem().ShouldBe(expected);

    [Theory]
    [InlineData("units=7.5", "--context units is \"7.5\", but the definitions say that it is of type integer.")]
    [InlineData("units=12345678901234567890123", "of type integer")]
    [InlineData("amount=much", "--context amount is \"much\", but the definitions say that it is of type number.")]
    [InlineData("amount=", "--context amount is \"\"")]
    [InlineData("price=0.12345678901234567890123456789", "of type decimal, which has up to 28 digits.")]
    [InlineData("due=noon", "of type timestamp")]
    public void A_value_of_another_type_is_refused_with_the_field(string typed, string problem) =>
        Should.Throw<UsageException>(() => ContextOption.Read(ContextOption.Typed([typed]), Columns)).Message.ShouldContain(problem);

    [Fact]
    public async Task Definitions_are_asked_for_only_where_there_is_something_to_read() =>
        (await ContextOption.ReadAsync([], () => throw new InvalidOperationException("Nobody has to be asked."))).ShouldBeEmpty();
}
