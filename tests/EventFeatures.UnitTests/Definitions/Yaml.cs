namespace EventFeatures.UnitTests.Definitions;

/// <summary>Small definitions that are right, for tests to bend.</summary>
internal static class Yaml
{
    public const string Contract = """
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
              - { name: country, logicalType: string, enum: [FR, NO] }
              - { name: occurred_at, logicalType: timestamp, required: true }
        customProperties:
          - { property: eventfeatures.category, value: card }
          - { property: eventfeatures.eventTime, value: occurred_at }
          - { property: eventfeatures.allowedLateness, value: 2h }
        """;

    public const string Entity = """
        apiVersion: eventfeatures/v1
        kind: Entity
        name: card
        keys: [ { name: card, type: string } ]
        """;

    public const string View = """
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: card_activity
        version: 1
        entity: card
        source: { contract: payments.authorisation/1 }
        features:
          - { name: count_1h, aggregate: count, window: 1h }
          - { name: mean_7d, aggregate: mean, of: amount, window: 7d }
        """;

    public const string Service = """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: fraud
        version: 1
        context: [ { name: amount, type: number } ]
        features:
          - { feature: card_activity__count_1h, missing: { default: 0 } }
          - { feature: card_activity__mean_7d }
          - { name: ratio, expression: "amount / card_activity__mean_7d", missing: refuse }
        """;

    public const string Model = """
        apiVersion: eventfeatures/v1
        kind: Model
        name: fraud
        service: fraud
        threshold: 0.7
        decisions: { positive: decline, negative: approve }
        fallback: { score: 0.02, reason: base rate }
        """;

    public static readonly string[] All = [Contract, Entity, View, Service, Model];

    /// <summary>A text with one part changed; the part must be there.</summary>
    public static string With(this string text, string part, string replacement) =>
        text.Contains(part, StringComparison.Ordinal) ? text.Replace(part, replacement, StringComparison.Ordinal) : throw new ArgumentException($"'{part}' is not in the text.");
}
