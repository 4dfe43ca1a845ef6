using EventFeatures.Api.V1;
using EventFeatures.Testing.Systems;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>The payments system with a service whose vectors are precomputed.</summary>
public sealed class ReadySystem : IAsyncLifetime
{
    public const string Definitions = """
        apiVersion: v3.1.0
        kind: DataContract
        id: payments.reversal
        name: payments.reversal
        version: 1.0.0
        status: active
        schema:
          - name: PaymentReversed
            logicalType: object
            properties:
              - { name: amount, logicalType: number, physicalType: decimal, required: true }
              - { name: occurred_at, logicalType: timestamp, required: true }
        customProperties:
          - { property: eventfeatures.category, value: card }
          - { property: eventfeatures.eventTime, value: occurred_at }
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: card_reversals
        version: 1
        entity: card
        source: { contract: payments.reversal/1 }
        features: [ { name: count_1h, aggregate: count, window: 1h }, { name: mean, aggregate: mean, of: amount } ]
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: ready
        version: 1
        precompute: { max_staleness: 1h }
        features:
          - { feature: card_activity__count_1h, missing: { default: 0 } }
          - { feature: card_activity__sum_24h }
          - { feature: card_activity__last_units }
          - { feature: card_reversals__count_1h }
          - { feature: card_reversals__mean }
          - { name: ratio, expression: "card_activity__sum_24h / (card_activity__count_1h + 1)" }
        """;

    private readonly PaymentsSystem _payments = new();

    public RunningSystem System => _payments.System;

    public async Task InitializeAsync()
    {
        await _payments.InitializeAsync();
        await System.Registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "payments.yaml", Content = PaymentsSystem.Definitions }, new DefinitionFile { Path = "ready.yaml", Content = Definitions } },
            Actor = "tests",
            Reason = "to be tested",
        });
    }

    public Task DisposeAsync() => _payments.DisposeAsync();

    /// <summary>Appends payments of this moment, one after the other.</summary>
    public async Task<ulong> PayAsync(string card, params string[] amounts)
    {
        var position = 0ul;
        foreach (var amount in amounts)
        {
            var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", global::System.Globalization.CultureInfo.InvariantCulture);
            position = (await System.Events.AppendAsync(PaymentsSystem.Payments(card, PaymentsSystem.Payment(amount, at)))).Position;
        }
        return position;
    }

    public GetFeaturesRequest Read(string card, ulong minPosition = 0) => new() { Service = "ready@v1", Entities = { ["card"] = card }, MinPosition = minPosition };
}
