namespace EventFeatures.Benchmarks;

/// <summary>What the benchmarks declare: one contract, views of some features, one service, one model.</summary>
internal static class BenchDefinitions
{
    public static readonly (string Name, string Text) Source = ("source.yaml",
        """
        apiVersion: v3.1.0
        kind: DataContract
        id: bench.payment
        name: bench.payment
        version: 1.0.0
        status: active
        schema:
          - name: PaymentAuthorised
            logicalType: object
            properties:
              - { name: amount, logicalType: number, required: true }
              - { name: country, logicalType: string, required: true }
              - { name: merchant, logicalType: string }
              - { name: status, logicalType: string }
              - { name: occurred_at, logicalType: timestamp, required: true }
        customProperties:
          - { property: eventfeatures.category, value: benchcard }
          - { property: eventfeatures.eventTime, value: occurred_at }
        ---
        apiVersion: eventfeatures/v1
        kind: Entity
        name: benchcard
        keys: [ { name: benchcard, type: string } ]
        """);

    public static readonly (string Name, string Text) View = ("view.yaml",
        """
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: bench_activity
        version: 1
        owner: bench@example.com
        description: Ten features of one card.
        entity: benchcard
        source: { contract: bench.payment/1 }
        features:
          - { name: count_1h, aggregate: count, window: 1h }
          - { name: count_24h, aggregate: count, window: 24h }
          - { name: sum_1h, aggregate: sum, of: amount, window: 1h }
          - { name: sum_24h, aggregate: sum, of: amount, window: 24h }
          - { name: mean_24h, aggregate: mean, of: amount, window: 24h }
          - { name: max_24h, aggregate: max, of: amount, window: 24h }
          - { name: std_24h, aggregate: stddev_samp, of: amount, window: 24h }
          - { name: countries_24h, aggregate: distinct_count, of: country, window: 24h }
          - { name: approved_24h, aggregate: count, window: 24h, where: "status == 'approved'" }
          - { name: idle, aggregate: seconds_since_last }
        """);

    /// <summary>A view of so many features: the usual aggregates of the amount, over windows from a quarter of an hour on.</summary>
    public static (string Name, string Text) ViewOf(int features)
    {
        string[] aggregates = ["count", "sum", "mean", "min", "max", "stddev_samp", "last", "distinct_count", "first", "seconds_since_last"];
        var lines = Enumerable.Range(0, features).Select(number =>
            $"  - {{ name: f{number}, aggregate: {aggregates[number % aggregates.Length]}, of: amount, window: {15 * (1 + number / aggregates.Length)}m }}");
        return ($"view-{features}.yaml",
            $$"""
            apiVersion: eventfeatures/v1
            kind: FeatureView
            name: bench_{{features}}
            version: 1
            owner: bench@example.com
            entity: benchcard
            source: { contract: bench.payment/1 }
            features:
            {{string.Join('\n', lines)}}
            """);
    }

    /// <summary>A service of all features of <see cref="ViewOf"/> whose vectors are computed ahead.</summary>
    public static (string Name, string Text) ReadyOf(int features)
    {
        var lines = Enumerable.Range(0, features).Select(number => $"  - {{ feature: bench_{features}__f{number} }}");
        return ($"ready-{features}.yaml",
            $$"""
            apiVersion: eventfeatures/v1
            kind: FeatureService
            name: ready_{{features}}
            precompute: { max_staleness: 1h }
            features:
            {{string.Join('\n', lines)}}
            """);
    }

    public static readonly (string Name, string Text) Serving = ("serving.yaml",
        """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: bench_fraud
        version: 1
        owner: bench@example.com
        context: [ { name: amount, type: number } ]
        features:
          - { feature: bench_activity__count_1h }
          - { feature: bench_activity__count_24h }
          - { feature: bench_activity__sum_1h }
          - { feature: bench_activity__sum_24h }
          - { feature: bench_activity__mean_24h }
          - { feature: bench_activity__max_24h }
          - { feature: bench_activity__std_24h }
          - { feature: bench_activity__countries_24h }
          - { feature: bench_activity__approved_24h }
          - { feature: bench_activity__idle }
          - { name: amount_ratio, expression: "amount / bench_activity__mean_24h" }
        ---
        apiVersion: eventfeatures/v1
        kind: Model
        name: bench_model
        version: 1
        owner: bench@example.com
        service: bench_fraud@v1
        """);
}
