using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>
/// Baskets of products in streams of tills, and returns in streams of counters; a view of products by land over both.
/// An event of either touches any number of its entities, and an entity's events come from any stream.
/// </summary>
internal static class Baskets
{
    public static readonly ViewReference Reference = new("product_activity", 1);

    private static readonly string[] Products = ["tea", "cup", "mug", "pot", "Ünï", "\U0001F600", "a very long name of a product that nobody buys twice"];

    private static readonly string[] Lands = ["FR", "DE", "ES"];

    public static CompiledView View(string orderDigest = "orders") => CompiledView.Compile(
        new FeatureView
        {
            Name = Reference.Name, Version = Reference.Version, CanonicalJson = "{}", Digest = "digest", Entity = "product",
            Sources =
            [
                new ViewSource("orders/1") { Key = ["products", "land"], Where = "amount > 1" },
                new ViewSource("returns/1") { Key = ["product", "land"], As = new Dictionary<string, string> { ["refund"] = "amount" } },
            ],
            Features =
            [
                new Feature("count_1h", "count", new Window.Sliding(Duration.Parse("1h"))),
                new Feature("sum_24h", "sum", new Window.Sliding(Duration.Parse("24h"))) { Of = "amount", Where = "event_type == 'Ordered'" },
                new Feature("mean_all", "mean", new Window.Unbounded()) { Of = "amount" },
                new Feature("last_reason", "last", new Window.Unbounded()) { Of = "reason" },
            ],
        },
        new Dictionary<string, DataContract> { ["orders/1"] = Orders(orderDigest), ["returns/1"] = Returns },
        new Entity { Name = "product", Version = 1, CanonicalJson = "{}", Digest = "e", Keys = [new EntityKeyPart("product", ValueKind.String), new EntityKeyPart("land", ValueKind.String)] });

    /// <summary>Traffic from a seed: out of order, repeated within and across streams, too late, malformed, and of nobody's products.</summary>
    public static async Task AppendAsync(IEventLog log, int seed, int events, int tills)
    {
        var random = new Random(seed);
        var revisions = new Dictionary<string, long>();
        var ids = new List<Guid>();
        for (var i = 0; i < events; i++)
        {
            if (random.Next(30) == 0) await log.AppendToStreamAsync("other-1", StreamState.Any, [new EventData(Guid.NewGuid(), "Else", "{}"u8.ToArray())]);
            var stream = (random.Next(4) == 0 ? "counter-" : "till-") + random.Next(tills);
            // An id of any stream, its own among them.
            var id = ids.Count > 0 && random.Next(6) == 0 ? ids[random.Next(ids.Count)] : NextId(random);
            ids.Add(id);
            var revision = revisions.GetValueOrDefault(stream, -1);
            var data = stream[0] == 'c' ? Return(random, i, id) : Order(random, i, id);
            await log.AppendToStreamAsync(stream, revision < 0 ? StreamState.NoStream : StreamState.StreamRevision(revision), [data]);
            revisions[stream] = revision + 1;
        }
    }

    public static EventData Order(IReadOnlyList<string> products, string land, double amount, Instant at, Guid? id = null) => new(
        id ?? Guid.NewGuid(), "Ordered", Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $$"""{"products":[{{string.Join(',', products.Select(product => $"\"{product}\""))}}],"land":"{{land}}","amount":{{amount:R}}}""")),
        new EventMetadata { OccurredAt = at }.ToJson());

    private static EventData Order(Random random, int i, Guid id)
    {
        if (random.Next(40) == 0) return new EventData(id, "Ordered", "{\"amount\":\"much\"}"u8.ToArray());
        var lateness = random.Next(12) switch { 0 => random.Next(7_200), 1 => random.Next(40_000), _ => random.Next(60) };
        List<string> products = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Products[random.Next(Products.Length)])];
        return Order(products, Lands[random.Next(Lands.Length)], random.Next(8) == 0 ? 0.5 : random.NextDouble() * 100 + 1, At(i, lateness), id);
    }

    private static EventData Return(Random random, int i, Guid id)
    {
        var product = random.Next(5) switch { 0 => "null", 1 when random.Next(8) == 0 => "\"\"", _ => $"\"{Products[random.Next(Products.Length)]}\"" };
        var json = string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"product":{{product}},"land":"{{Lands[random.Next(Lands.Length)]}}","refund":{{random.NextDouble():R}},"reason":"r{{random.Next(3)}}"}""");
        return new EventData(id, "Returned", Encoding.UTF8.GetBytes(json), new EventMetadata { OccurredAt = At(i, random.Next(100_000)) }.ToJson());
    }

    private static Instant At(int i, int secondsBack) => Payments.Noon + new Duration((i * 97_000_003L) - (secondsBack * 1_000_000L));

    private static Guid NextId(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static DataContract Orders(string digest) => new()
    {
        Name = "orders", Version = 1, FullVersion = "1.0.0", CanonicalJson = "{}", Digest = digest, Category = "till", AllowedLateness = Duration.Parse("2h"),
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["Ordered"] = new("Ordered",
                [new Field("products", ValueKind.Array, false) { ElementType = ValueKind.String }, new Field("land", ValueKind.String, false), new Field("amount", ValueKind.Number, true)]),
        },
    };

    private static readonly DataContract Returns = new()
    {
        Name = "returns", Version = 1, FullVersion = "1.0.0", CanonicalJson = "{}", Digest = "returns", Category = "counter",
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["Returned"] = new("Returned",
                [new Field("product", ValueKind.String, false), new Field("land", ValueKind.String, false), new Field("refund", ValueKind.Number, true), new Field("reason", ValueKind.String, false)]),
        },
    };
}
