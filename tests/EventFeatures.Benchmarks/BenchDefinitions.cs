namespace EventFeatures.Benchmarks;

/// <summary>What the benchmarks declare: one contract, views of some features, one service, one model.</summary>
internal static class BenchDefinitions
{
    public static readonly (string Name, string Text) Source = SourceOf("bench.payment", "benchcard");

    /// <summary>The same payments in streams of another category, whose view has as many entities as it has streams.</summary>
    public static readonly (string Name, string Text) ManySource = SourceOf("bench.many", "benchmany");

    private static (string Name, string Text) SourceOf(string contract, string category) => ($"{contract}.yaml",
        $$"""
        apiVersion: v3.1.0
        kind: DataContract
        id: {{contract}}
        name: {{contract}}
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
          - { property: eventfeatures.category, value: {{category}} }
          - { property: eventfeatures.eventTime, value: occurred_at }
        ---
        apiVersion: eventfeatures/v1
        kind: Entity
        name: {{category}}
        keys: [ { name: {{category}}, type: string } ]
        """);

    public static readonly (string Name, string Text) View = TenFeatures("bench_activity", "bench.payment", "benchcard");

    /// <summary>The same ten features of many entities.</summary>
    public static readonly (string Name, string Text) ManyView = TenFeatures("bench_many", "bench.many", "benchmany");

    private static (string Name, string Text) TenFeatures(string view, string contract, string entity) => ($"{view}.yaml",
        $$"""
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: {{view}}
        version: 1
        owner: bench@example.com
        description: Ten features of one card.
        entity: {{entity}}
        source: { contract: {{contract}}/1 }
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

    /// <summary>The windows of <see cref="Training"/>, in hours.</summary>
    public static readonly int[] TrainingHours = [1, 2, 4, 8, 12, 24];

    /// <summary>Two services to train on: a last value, and 18 features over <see cref="TrainingHours"/>.</summary>
    public static readonly (string Name, string Text) Training = ("training.yaml",
        $$"""
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: bench_last
        version: 1
        owner: bench@example.com
        entity: benchcard
        source: { contract: bench.payment/1 }
        features: [ { name: amount, aggregate: last, of: amount } ]
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: bench_windows
        version: 1
        owner: bench@example.com
        entity: benchcard
        source: { contract: bench.payment/1 }
        features:
        {{string.Join('\n', WindowedFeatures().Select(feature => $"  - {{ name: {feature.Aggregate}_{feature.Hours}h, aggregate: {feature.Aggregate}, of: amount, window: {feature.Hours}h }}"))}}
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: bench_last
        version: 1
        owner: bench@example.com
        features: [ { feature: bench_last__amount } ]
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: bench_windows
        version: 1
        owner: bench@example.com
        features:
        {{string.Join('\n', WindowedFeatures().Select(feature => $"  - {{ feature: bench_windows__{feature.Aggregate}_{feature.Hours}h }}"))}}
        """);

    private static IEnumerable<(string Aggregate, int Hours)> WindowedFeatures() =>
        TrainingHours.SelectMany(hours => new[] { "count", "sum", "max" }.Select(aggregate => (aggregate, hours)));

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
