using System.Globalization;
using System.Text;
using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Workers;

/// <summary>What workers are given to do, from a seed: events of many entities, and two views over them.</summary>
/// <param name="Seed">What all of it is drawn from.</param>
/// <param name="Events">How many events.</param>
/// <param name="Entities">Of how many entities.</param>
/// <param name="Workers">How many workers share the work.</param>
/// <param name="Kills">How often one of them is killed.</param>
public sealed record WorkerPlan(int Seed, int Events, int Entities, int Workers, int Kills)
{
    /// <summary>A view that is divided among the workers, and one whose entities are fed by all streams, so that it is not.</summary>
    public static readonly IReadOnlyList<string> Views = ["shared_activity", "shared_merchants"];

    /// <summary>The definitions, as a file.</summary>
    public const string Definitions =
        """
        apiVersion: v3.1.0
        kind: DataContract
        id: shared.payment
        name: shared.payment
        version: 1.0.0
        status: active
        schema:
          - name: PaymentAuthorised
            logicalType: object
            properties:
              - { name: amount, logicalType: number, required: true }
              - { name: merchant, logicalType: string, required: true }
              - { name: occurred_at, logicalType: timestamp, required: true }
        customProperties:
          - { property: eventfeatures.category, value: sharedcard }
          - { property: eventfeatures.eventTime, value: occurred_at }
          - { property: eventfeatures.allowedLateness, value: 2h }
          - { property: eventfeatures.onViolation, value: quarantine }
        ---
        apiVersion: eventfeatures/v1
        kind: Entity
        name: sharedcard
        keys: [ { name: sharedcard, type: string } ]
        ---
        apiVersion: eventfeatures/v1
        kind: Entity
        name: sharedmerchant
        keys: [ { name: sharedmerchant, type: string } ]
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: shared_activity
        version: 1
        owner: tests@example.com
        entity: sharedcard
        source: { contract: shared.payment/1 }
        features:
          - { name: count_1h, aggregate: count, window: 1h }
          - { name: sum_24h, aggregate: sum, of: amount, window: 24h }
          - { name: spread, aggregate: stddev_samp, of: amount }
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: shared_merchants
        version: 1
        owner: tests@example.com
        entity: sharedmerchant
        source: { contract: shared.payment/1, key: [merchant] }
        features:
          - { name: count, aggregate: count }
          - { name: total, aggregate: sum, of: amount }
        """;

    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The streams and their events, in the order in which they are appended. Some are late, and a few keep no contract.</summary>
    public IEnumerable<(string Stream, EventData Event)> Traffic()
    {
        var random = new Random(Seed);
        var id = new byte[16];
        for (var i = 0; i < Events; i++)
        {
            random.NextBytes(id);
            var late = random.Next(50) switch { 0 => random.Next(40_000), 1 => random.Next(7_200), _ => random.Next(60) };
            var amount = random.Next(500) == 0 ? "\"much\"" : (random.NextDouble() * 500).ToString("R", CultureInfo.InvariantCulture);
            yield return (
                string.Create(CultureInfo.InvariantCulture, $"sharedcard-{random.Next(Entities)}"),
                new EventData(new Guid(id), "PaymentAuthorised", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                    $$"""{"amount":{{amount}},"merchant":"m{{random.Next(200)}}","occurred_at":"{{Begin.AddSeconds((i * 60.0) - late):yyyy-MM-ddTHH:mm:ssZ}}"}"""))));
        }
    }
}
