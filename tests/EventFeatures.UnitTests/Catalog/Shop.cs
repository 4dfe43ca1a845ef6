using EventFeatures.UnitTests.Definitions;

namespace EventFeatures.UnitTests.Catalog;

/// <summary>Definitions that use columns in every way there is: two contracts in one view, keys in payloads, conditions and expressions.</summary>
internal static class Shop
{
    private const string Contracts = """
        apiVersion: v3.1.0
        kind: DataContract
        id: shop.order
        version: 1.2.0
        schema:
          - name: OrderPlaced
            logicalType: object
            properties:
              - { name: customer, logicalType: string, required: true }
              - { name: total, logicalType: number, required: true }
              - { name: channel, logicalType: string }
              - { name: status, logicalType: string }
              - { name: placed_at, logicalType: timestamp, required: true }
              - { name: unused, logicalType: string }
        customProperties:
          - { property: eventfeatures.category, value: order }
          - { property: eventfeatures.eventTime, value: placed_at }
        ---
        apiVersion: v3.1.0
        kind: DataContract
        id: shop.return
        version: 1.0.0
        schema:
          - name: ProductReturned
            logicalType: object
            properties:
              - { name: refund, logicalType: number, required: true }
              - { name: test, logicalType: boolean }
        customProperties:
          - { property: eventfeatures.category, value: return }
        ---
        { apiVersion: eventfeatures/v1, kind: Entity, name: customer, keys: [ { name: customer, type: string } ] }
        """;

    private const string Views = """
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: buying
        version: 1
        entity: customer
        sources:
          - { contract: shop.order/1, key: [customer], as: { total: amount } }
          - { contract: shop.return/1, where: "test != true", as: { refund: amount } }
        features:
          - { name: moved, aggregate: sum, of: amount, window: 7d, where: "event_type == 'OrderPlaced' or amount > 5" }
          - { name: by_channel, aggregate: count, group_by: channel }
          - { name: since_paid, aggregate: count, window: { since: "status == 'paid'" } }
          - { name: idle, aggregate: seconds_since_last }
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: risk
        version: 1
        context: [ { name: basket, type: number } ]
        features:
          - { feature: buying__moved, missing: { default: 0 } }
          - { name: share, expression: "basket / buying__moved" }
          - { name: double_share, expression: "share * 2" }
        ---
        { apiVersion: eventfeatures/v1, kind: Model, name: risk, service: risk, threshold: 0.5 }
        """;

    public static async Task<DefinitionBench> StartAsync()
    {
        var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Contracts, Views);
        return bench;
    }
}
