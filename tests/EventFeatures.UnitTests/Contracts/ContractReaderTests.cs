using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Contracts;

public sealed class ContractReaderTests
{
    private static readonly Instant Now = Instant.Parse("2026-01-01T12:00:00Z");

    private static readonly DataContract Contract = new()
    {
        Name = "payments",
        Version = 2,
        FullVersion = "2.1.0",
        CanonicalJson = "{}",
        Digest = "00",
        Category = "card",
        FutureSkewMax = Duration.Parse("5m"),
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["Paid"] = new("Paid",
            [
                new Field("amount", ValueKind.Number, true) { Minimum = 0, Maximum = 1_000 },
                new Field("exact", ValueKind.Decimal, false) { Minimum = 0.1 },
                new Field("count", ValueKind.Integer, false) { Maximum = 10 },
                new Field("safe", ValueKind.Integer, false) { Maximum = 9_007_199_254_740_991 },
                new Field("wide", ValueKind.Decimal, false) { Maximum = 1_234_567_890_123_456 },
                new Field("country", ValueKind.String, false) { Enumeration = [Value.Of("FR"), Value.Of("DÉ")] },
                new Field("note", ValueKind.String, false),
                new Field("approved", ValueKind.Boolean, false),
                new Field("at", ValueKind.Timestamp, false),
                new Field("due", ValueKind.Date, false),
                new Field("scores", ValueKind.Array, false) { ElementType = ValueKind.Integer },
                new Field("extra", ValueKind.Object, false),
            ]),
        },
    };

    [Theory]
    [InlineData("""{"amount":1}""", null)]
    [InlineData("""{"amount":0}""", null)]
    [InlineData("""{"amount":1000}""", null)]
    [InlineData("""{"amount":1,"undeclared":{"a":[1,{"b":null}]}}""", null)]
    [InlineData("""{"amount":1,"count":null,"note":null}""", null)]
    [InlineData("""{}""", "required-field-missing")]
    [InlineData("""{"amount":null}""", "required-field-missing")]
    [InlineData("""{"amount":"1"}""", "type-mismatch")]
    [InlineData("""{"amount":"NaN"}""", "type-mismatch")]
    [InlineData("""{"amount":1e999}""", "number-out-of-range")]
    [InlineData("""{"amount":-0.01}""", "below-minimum")]
    [InlineData("""{"amount":1000.01}""", "above-maximum")]
    [InlineData("""{"amount":1,"exact":0.1}""", null)]
    [InlineData("""{"amount":1,"exact":0.0999999999999999999999999999}""", "below-minimum")]
    [InlineData("""{"amount":1,"exact":1.00000000000000000000000000001}""", "number-out-of-range")]
    [InlineData("""{"amount":1,"safe":9007199254740991}""", null)]
    [InlineData("""{"amount":1,"safe":9007199254740992}""", "above-maximum")]
    [InlineData("""{"amount":1,"wide":1234567890123456}""", null)]
    [InlineData("""{"amount":1,"wide":1234567890123456.1}""", "above-maximum")]
    [InlineData("""{"amount":1,"count":10.0}""", null)]
    [InlineData("""{"amount":1,"count":1e1}""", null)]
    [InlineData("""{"amount":1,"count":1.5}""", "type-mismatch")]
    [InlineData("""{"amount":1,"count":11}""", "above-maximum")]
    [InlineData("""{"amount":1,"count":9223372036854775808}""", "number-out-of-range")]
    [InlineData("""{"amount":1,"country":"FR"}""", null)]
    [InlineData("""{"amount":1,"country":"D\u00c9"}""", null)]
    [InlineData("""{"amount":1,"country":"fr"}""", "value-not-allowed")]
    [InlineData("""{"amount":1,"country":1}""", "type-mismatch")]
    [InlineData("""{"amount":1,"note":"\ud800"}""", "text-invalid")]
    [InlineData("""{"amount":1,"note":"a\u0000"}""", "text-invalid")]
    [InlineData("""{"amount":1,"approved":1}""", "type-mismatch")]
    [InlineData("""{"amount":1,"at":"2026-01-01T12:00:00"}""", "time-invalid")]
    [InlineData("""{"amount":1,"at":5}""", "type-mismatch")]
    [InlineData("""{"amount":1,"due":"2026-02-29"}""", "time-invalid")]
    [InlineData("""{"amount":1,"scores":[1,null,3]}""", null)]
    [InlineData("""{"amount":1,"scores":[1,"2"]}""", "type-mismatch")]
    [InlineData("""{"amount":1,"extra":{"a":1,"a":2}}""", "member-duplicated")]
    [InlineData("""{"amount":1,"extra":[]}""", "type-mismatch")]
    [InlineData("""{"amount":1,"amount":1}""", "member-duplicated")]
    [InlineData("""{"amount":1,"note":null,"note":null}""", "member-duplicated")]
    [InlineData("""{"amount":1,"x":1,"x":2}""", "member-duplicated")]
    [InlineData("""{"amount":1,"\ud800":1}""", "text-invalid")]
    [InlineData("""[1]""", "json-invalid")]
    [InlineData("""{"amount":1} x""", "json-invalid")]
    [InlineData("""{"amount":1,}""", "json-invalid")]
    [InlineData("""{"amount":""", "json-invalid")]
    [InlineData("", "json-invalid")]
    public void A_payload_keeps_the_contract_or_breaks_it_in_a_named_way(string json, string? code) =>
        (Check(json).Violation?.Code).ShouldBe(code, Check(json).Violation?.Detail);

    [Fact]
    public void Valid_payloads_have_no_violation() => Check("""{"amount":1}""").Conforms.ShouldBeTrue();

    [Fact]
    public void Nesting_is_bounded()
    {
        Check("{\"amount\":1,\"x\":" + new string('[', 31) + new string(']', 31) + "}").Violation.ShouldBeNull();
        Check("{\"amount\":1,\"x\":" + new string('[', 32) + new string(']', 32) + "}").Violation!.Code.ShouldBe("json-invalid");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        ContractReader.Check(Contract, "Paid", (byte[])[.. "{\"amount\":1,\"note\":\""u8, 0xFF, .. "\"}"u8], default, Now).Violation!.Code.ShouldBe("text-invalid");

    [Fact]
    public void Values_keep_every_bit()
    {
        var values = Check("""{"amount":0.1,"exact":12345678901234567890.12345678,"count":-9223372036854775808,"scores":[1],"due":"2024-02-29","extra":{"a":1.5}}""").Values;
        values["amount"].ShouldBe(Value.Of(0.1));
        values["exact"].ShouldBe(Value.Of(12345678901234567890.12345678m));
        values["count"].ShouldBe(Value.Of(long.MinValue));
        values["scores"].Elements.ShouldBe([Value.Of(1L)]);
        values["due"].ShouldBe(Value.Of(new DateOnly(2024, 2, 29)));
        values["extra"].Members["a"].ShouldBe(Value.Of(1.5));
        values.ContainsKey("note").ShouldBeFalse();
    }

    [Fact]
    public void An_unknown_event_type_is_named_with_the_nearest_one()
    {
        var violation = ContractReader.Check(Contract, "Piad", "{}"u8.ToArray(), default, Now).Violation!;
        violation.Code.ShouldBe("event-type-unknown");
        violation.Detail.ShouldBe("Contract 'payments/2' has no event type 'Piad'. Did you mean 'Paid'?");
    }

    [Theory]
    [InlineData("2026-01-01T12:05:00Z", null)]
    [InlineData("2026-01-01T12:05:00.000001Z", "occurred-in-future")]
    public void An_event_may_lie_ahead_of_its_recording_by_the_future_skew(string occurredAt, string? code) =>
        (Check("""{"amount":1}""", new EventMetadata { OccurredAt = Instant.Parse(occurredAt) }).Violation?.Code ?? "").ShouldBe(code ?? "");

    [Fact]
    public void The_event_time_is_the_contracts_field_then_the_metadatas_then_the_recording()
    {
        var early = Instant.Parse("2026-01-01T08:00:00Z");
        var byField = Contract with { EventTimeField = "at" };
        ContractReader.Check(byField, "Paid", """{"amount":1,"at":"2026-01-01T08:00:00Z"}"""u8.ToArray(), default, Now).OccurredAt.ShouldBe(early);
        ContractReader.Check(byField, "Paid", """{"amount":1}"""u8.ToArray(), default, Now).Violation!.Code.ShouldBe("event-time-missing");
        Check("""{"amount":1}""", new EventMetadata { OccurredAt = early }).OccurredAt.ShouldBe(early);
        Check("""{"amount":1}""").OccurredAt.ShouldBe(Now);
    }

    [Fact]
    public void Imported_events_were_recorded_when_the_importer_says()
    {
        var told = Instant.Parse("2020-01-01T00:00:00Z");
        Check("""{"amount":1}""", new EventMetadata { RecordedAt = told, Imported = true }).RecordedAt.ShouldBe(told);
        Check("""{"amount":1}""", new EventMetadata { RecordedAt = told }).RecordedAt.ShouldBe(Now);
        Check("""{"amount":1}""", new EventMetadata { RecordedAt = told, OccurredAt = told + Duration.Parse("6m"), Imported = true })
            .Violation!.Code.ShouldBe("occurred-in-future");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"occurredAt\":5}")]
    [InlineData("{\"occurredAt\":\"2025-01-01T00:00:00Z\"")]
    public void Foreign_metadata_states_nothing(string metadata) =>
        ContractReader.Check(Contract, "Paid", """{"amount":1}"""u8.ToArray(), Encoding.UTF8.GetBytes(metadata), Now).OccurredAt.ShouldBe(Now);

    [Theory]
    [InlineData("card-1", "1", null)]
    [InlineData("card-a-b", "a-b", null)]
    [InlineData("card-", "", "stream-name-invalid")]
    [InlineData("card", null, null)]
    [InlineData("cards-1", null, null)]
    [InlineData("$$card-1", null, null)]
    public void A_streams_key_follows_its_category(string stream, string? key, string? code)
    {
        new ContractReader(Contract, []).KeyOf(stream, out var violation).ShouldBe(key);
        (violation?.Code).ShouldBe(code);
    }

    [Fact]
    public void A_streams_key_has_no_more_bytes_than_an_entitys()
    {
        var reader = new ContractReader(Contract, []);
        reader.KeyOf("card-" + new string('é', 500), out var violation);
        violation.ShouldBeNull();

        reader.KeyOf("card-" + new string('é', 501), out violation);
        violation.ShouldNotBeNull().Code.ShouldBe("stream-name-invalid");
        violation.Detail.ShouldStartWith("The key of stream card-éé");
        violation.Detail.ShouldEndWith("has 1002 bytes, and an entity's may have 1000 at most. Use a shorter one.");
    }

    private static ContractCheck Check(string json, EventMetadata? metadata = null) =>
        ContractReader.Check(Contract, "Paid", Encoding.UTF8.GetBytes(json), metadata?.ToJson(), Now);
}
