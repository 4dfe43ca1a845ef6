using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class ContractCompatibilityTests
{
    private const string Amount = "      - { name: amount, logicalType: number, physicalType: decimal, required: true }\n";
    private const string Country = "      - { name: country, logicalType: string, enum: [FR, NO] }\n";

    [Theory]
    [InlineData(Country, "      - { name: country, logicalType: string, enum: [FR, NO, DE] }\n")]
    [InlineData(Country, "      - { name: country, logicalType: string }\n")]
    [InlineData(Country, "")]
    [InlineData(Country, Country + "      - { name: mcc, logicalType: string }\n")]
    [InlineData(Amount, "      - { name: amount, logicalType: number, physicalType: decimal }\n")]
    public async Task A_minor_that_reads_all_earlier_events_is_compatible(string part, string replacement) =>
        (await IssuesOfMinorAsync(part, replacement)).ShouldBeEmpty();

    [Theory]
    [InlineData(Country, Country + "      - { name: mcc, logicalType: string, required: true }\n", 13, "schema[0].properties[2]", "PaymentAuthorised.mcc was added as required; earlier events lack it")]
    [InlineData(Amount, "      - { name: amount, logicalType: integer, required: true }\n", 11, "schema[0].properties[0]", "PaymentAuthorised.amount changed its type from decimal to integer")]
    [InlineData(Country, "      - { name: country, logicalType: string, enum: [FR] }\n", 12, "schema[0].properties[1]", "PaymentAuthorised.country allows fewer values than before")]
    [InlineData(Country, "      - { name: country, logicalType: string, required: true, enum: [FR, NO] }\n", 12, "schema[0].properties[1]", "PaymentAuthorised.country became required")]
    [InlineData(Amount, "      - { name: amount, logicalType: number, physicalType: decimal, required: true, logicalTypeOptions: { minimum: 1 } }\n", 11, "schema[0].properties[0]", "PaymentAuthorised.amount raised its minimum to 1")]
    [InlineData("value: card }", "value: cards }", 14, "customProperties", "the category changed from 'card' to 'cards'")]
    [InlineData("name: PaymentAuthorised", "name: PaymentAuthorized", 7, "schema", "the event type 'PaymentAuthorised' was removed")]
    public async Task A_minor_that_cannot_read_earlier_events_is_refused_with_the_field(string part, string replacement, int line, string path, string reason) =>
        (await IssuesOfMinorAsync(part, replacement)).ShouldBe(
            [$"a.yaml:{line}: {path}: payments.authorisation 1.1.0 cannot read events of 1.0.0: {reason}. Undo that, or make it version 2.0.0. [contract-incompatible]"]);

    [Fact]
    public async Task Compatibility_is_with_every_earlier_minor_not_only_the_last()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Contract);
        await bench.ApplyAsync(Version("1.1.0").With(Country, ""));

        var issues = await bench.IssuesAsync(Version("1.2.0").With("name: country, logicalType: string, enum: [FR, NO]", "name: country, logicalType: integer"));

        issues.ShouldHaveSingleItem().ShouldContain("1.2.0 cannot read events of 1.0.0: PaymentAuthorised.country changed its type from string to integer");
    }

    [Fact]
    public async Task A_new_major_may_change_anything_and_stands_beside_the_old_one()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Contract);
        await bench.ApplyAsync(Version("2.0.0").With(Amount, ""));
        bench.Registry.Current.Contracts.Keys.Except(EventFeatures.Core.Contracts.BuiltInContracts.Current.Keys).ShouldBe(["payments.authorisation/1", "payments.authorisation/2"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_minor_that_breaks_a_registered_view_is_refused_with_the_view()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Version("1.0.0").With(Amount, "      - { name: amount, logicalType: number }\n"), Yaml.Entity, Yaml.View);

        var issues = await bench.IssuesAsync(Version("1.1.0").With(Amount, ""));

        issues.ShouldHaveSingleItem().ShouldStartWith("a.yaml:1: The registered view card_activity@v1 cannot run over DataContract payments.authorisation 1.1.0:");
        issues[0].ShouldEndWith("[dependent-view-breaks]");
    }

    [Fact]
    public async Task Contracts_share_a_category_but_not_an_event_type()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var chargebacks = Yaml.Contract.With("payments.authorisation", "payments.chargeback").With("name: PaymentAuthorised", "name: ChargebackReceived");

        (await bench.IssuesAsync(Yaml.Contract, chargebacks)).ShouldBeEmpty();
        (await bench.IssuesAsync(Yaml.Contract, Yaml.Contract.With("payments.authorisation", "payments.other"))).ShouldHaveSingleItem()
            .ShouldContain("The event type 'PaymentAuthorised' of category 'card' belongs to the contract payments.authorisation/1.");
    }

    [Theory]
    [InlineData("version: 1.0.0", "version: 1.0", "type-wrong")]
    [InlineData("version: 1.0.0", "version: 0.9.0", "version-invalid")]
    [InlineData("apiVersion: v3.1.0", "apiVersion: v2.2.2", "api-version-unknown")]
    [InlineData("value: card }", "value: model }", "category-reserved")]
    [InlineData("value: card }", "value: my-card }", "category-invalid")]
    [InlineData("  - { property: eventfeatures.category, value: card }\n", "", "custom-property-missing")]
    [InlineData("eventTime, value: occurred_at", "eventTime, value: occured_at", "event-time-invalid")]
    [InlineData("logicalType: timestamp, required: true", "logicalType: timestamp", "event-time-invalid")]
    [InlineData("enum: [FR, NO]", "enum: [FR, true]", "type-wrong")]
    [InlineData("status: active", "status: live", "value-unknown")]
    [InlineData("enum: [FR, NO] }", "quality: [ { metric: invalidValues, arguments: { minLength: 2 }, mustBe: 0 } ] }", "key-unknown")]
    [InlineData("enum: [FR, NO] }", "quality: [ { metric: invalidValues, arguments: { validValues: [FR] } } ] }", "quality-unsupported")]
    [InlineData("enum: [FR, NO] }", "logicalTypeOptions: { minimum: 2 } }", "range-invalid")]
    [InlineData("value: 2h", "value: 2 hours", "duration-invalid")]
    public async Task A_contract_that_is_wrong_is_refused(string part, string replacement, string code)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Contract.With(part, replacement))).ShouldHaveSingleItem().ShouldEndWith($"[{code}]");
    }

    [Fact]
    public async Task What_the_standard_has_and_this_system_does_not_use_is_kept()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var rich = Yaml.Contract.With("status: active", "status: active\ntenant: example\ntags: [payments]\nslaProperties: [ { property: latency, value: 4, unit: d } ]\nsupport: [ { channel: \"#payments\" } ]")
            .With("      - { name: occurred_at", "      - { name: note, logicalType: string, examples: [a], quality: [ { type: sql, query: select 1 } ] }\n      - { name: occurred_at");
        var change = (await bench.PlanAsync(rich)).Changes.ShouldHaveSingleItem();
        change.Definition.CanonicalJson.ShouldContain("\"slaProperties\":[{\"property\":\"latency\",\"unit\":\"d\",\"value\":4}]");
        change.Definition.CanonicalJson.ShouldContain("\"query\":\"select 1\"");
    }

    private static string Version(string version) => Yaml.Contract.With("version: 1.0.0", $"version: {version}");

    private static async Task<IReadOnlyList<string>> IssuesOfMinorAsync(string part, string replacement)
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Contract);
        return await bench.IssuesAsync(Version("1.1.0").With(part, replacement));
    }
}
