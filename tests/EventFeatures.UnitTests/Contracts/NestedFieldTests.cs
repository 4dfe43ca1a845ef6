using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Contracts;

public sealed class NestedFieldTests : IAsyncLifetime
{
    private const string Nested = """
        apiVersion: v3.1.0
        kind: DataContract
        id: shop.order
        version: 1.0.0
        schema:
          - name: OrderPlaced
            properties:
              - { name: amount, logicalType: number, physicalType: decimal, required: true }
              - name: buyer
                logicalType: object
                properties:
                  - { name: id, logicalType: string, required: true }
                  - { name: level, logicalType: integer, logicalTypeOptions: { minimum: 1 } }
                  - name: address
                    logicalType: object
                    properties: [ { name: country, logicalType: string, enum: [FR, DE] } ]
              - name: times
                logicalType: object
                properties: [ { name: placed, logicalType: timestamp, required: true } ]
        customProperties:
          - { property: eventfeatures.category, value: order }
          - { property: eventfeatures.eventTime, value: times.placed }
        """;

    private DataContract _contract = null!;

    public async Task InitializeAsync()
    {
        await using var bench = await DefinitionBench.StartAsync();
        _contract = (DataContract)(await bench.PlanAsync(Nested)).Changes.Single().Definition;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void Members_of_objects_are_fields_under_dotted_names_after_the_payloads_own()
    {
        _contract.EventTypes["OrderPlaced"].Fields.Select(field => field.Name).ShouldBe(
            ["amount", "buyer", "times", "buyer.id", "buyer.level", "buyer.address", "buyer.address.country", "times.placed"]);
        var check = Check("""{"buyer":{"address":{"country":"FR","city":"Paris"},"id":"b1","level":2},"amount":1.50,"times":{"placed":"2026-01-01T10:00:00Z"}}""");
        check.OccurredAt.ShouldBe(Instant.Parse("2026-01-01T10:00:00Z"));
        check.Values["buyer.id"].ShouldBe(Value.Of("b1"));
        check.Values["buyer.level"].ShouldBe(Value.Of(2L));
        check.Values["buyer.address.country"].ShouldBe(Value.Of("FR"));
        check.Values["buyer"].Members["address"].Members["city"].ShouldBe(Value.Of("Paris"));
    }

    [Theory]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"}}""", null)]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":null}""", null)]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"level":1}}""", "required-field-missing")]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":"b1"}""", "type-mismatch")]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"id":1}}""", "type-mismatch")]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"id":"b","level":0}}""", "below-minimum")]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"id":"b","address":{"country":"ES"}}}""", "value-not-allowed")]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"id":"b","x":1,"x":2}}""", "member-duplicated")]
    [InlineData("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"id":"b","id":"c"}}""", "member-duplicated")]
    [InlineData("""{"amount":1,"times":{}}""", "event-time-missing")]
    [InlineData("""{"amount":1}""", "event-time-missing")]
    [InlineData("""{"times":{"placed":"2026-01-01T10:00:00Z"}}""", "required-field-missing")]
    public void What_an_object_declares_holds_where_it_is_there(string payload, string? code) => Check(payload).Violation?.Code.ShouldBe(code);

    [Fact]
    public void A_violation_names_the_field_by_its_whole_name() =>
        Check("""{"amount":1,"times":{"placed":"2026-01-01T10:00:00Z"},"buyer":{"id":1}}""").Violation!.Detail.ShouldBe("Field 'buyer.id' must be a string and is 1.");

    [Fact]
    public async Task Two_spellings_of_one_name_are_refused()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var twice = Nested.With("- { name: amount,", "- { name: buyer.id, logicalType: string }\n      - { name: amount,");
        (await bench.IssuesAsync(twice)).ShouldHaveSingleItem().ShouldContain("The field 'buyer.id' occurs twice.");
    }

    private ContractCheck Check(string payload) =>
        ContractReader.Check(_contract, "OrderPlaced", Encoding.UTF8.GetBytes(payload), ReadOnlyMemory<byte>.Empty, Instant.Parse("2026-01-02T00:00:00Z"));
}
