using EventFeatures.Api.V1;
using EventFeatures.Server;
using EventFeatures.Testing.Systems;
using Google.Protobuf;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>A running system with a few definitions about card payments; shared by the tests of a class.</summary>
public sealed class PaymentsSystem : IAsyncLifetime
{
    public const string Definitions = """
        apiVersion: v3.1.0
        kind: DataContract
        id: payments.authorisation
        name: payments.authorisation
        version: 1.0.0
        status: active
        schema:
          - name: PaymentAuthorised
            logicalType: object
            properties:
              - { name: amount, logicalType: number, physicalType: decimal, required: true }
              - { name: country, logicalType: string, enum: [FR, DE, ES] }
              - { name: units, logicalType: integer }
              - { name: occurred_at, logicalType: timestamp, required: true }
        customProperties:
          - { property: eventfeatures.category, value: card }
          - { property: eventfeatures.eventTime, value: occurred_at }
          - { property: eventfeatures.onViolation, value: reject }
        ---
        apiVersion: v3.1.0
        kind: DataContract
        id: payments.refund
        name: payments.refund
        version: 1.0.0
        status: active
        schema:
          - name: Refunded
            logicalType: object
            properties:
              - { name: amount, logicalType: number, physicalType: decimal, required: true }
        customProperties:
          - { property: eventfeatures.category, value: refund }
          - { property: eventfeatures.onViolation, value: quarantine }
        ---
        apiVersion: eventfeatures/v1
        kind: Entity
        name: card
        keys: [ { name: card, type: string } ]
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: card_activity
        version: 1
        owner: fraud-features@example.com
        description: Spending behaviour of one card.
        entity: card
        source: { contract: payments.authorisation/1 }
        ttl: 30d
        features:
          - { name: count_1h, aggregate: count, window: 1h }
          - { name: sum_24h, aggregate: sum, of: amount, window: 24h }
          - { name: last_units, aggregate: last, of: units }
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: fraud
        version: 1
        owner: fraud-models@example.com
        context:
          - { name: amount, type: number }
        features:
          - { feature: card_activity__count_1h, missing: { default: 0 } }
          - { feature: card_activity__sum_24h, missing: { default: 0 } }
          - { name: log_amount, expression: "log(amount + 1)" }
        ---
        apiVersion: eventfeatures/v1
        kind: Model
        name: fraud
        version: 1
        owner: fraud-models@example.com
        service: fraud@v1
        threshold: 0.5
        """;

    public RunningSystem System { get; private set; } = null!;

    public Task InitializeAsync() => InitializeAsync(options => options);

    public async Task InitializeAsync(Func<HostOptions, HostOptions> configure)
    {
        System = await RunningSystem.StartAsync(configure);
        await System.Registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "payments.yaml", Content = Definitions } },
            Actor = "tests",
            Reason = "to be tested",
        });
    }

    public async Task DisposeAsync() => await System.DisposeAsync();

    public static Event Payment(string amount, string occurredAt, string country = "FR") => new()
    {
        EventId = Guid.NewGuid().ToString(),
        Type = "PaymentAuthorised",
        Data = ByteString.CopyFromUtf8($$"""{"amount": {{amount}}, "country": "{{country}}", "units": 9007199254740993, "occurred_at": "{{occurredAt}}"}"""),
    };

    public static AppendRequest Payments(string card, params Event[] events) => new() { Stream = $"card-{card}", Events = { events } };
}
