using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Payments in streams of cards and refunds in streams of their own, and views of shops over both.</summary>
internal static class Shops
{
    public static readonly Instant Noon = Instant.Parse("2026-01-01T12:00:00Z");

    public static readonly DataContract Payments = new()
    {
        Name = "payments", Version = 1, FullVersion = "1.0.0", CanonicalJson = "{}", Digest = "p1", Category = "card",
        AllowedLateness = Duration.Parse("2h"), FutureSkewMax = Duration.Parse("3h"),
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["Paid"] = new("Paid",
            [
                new Field("amount", ValueKind.Number, false), new Field("shop", ValueKind.String, false), new Field("branch", ValueKind.Integer, false),
                new Field("tags", ValueKind.Array, false) { ElementType = ValueKind.String }, new Field("note", ValueKind.String, false),
                new Field("likes", ValueKind.Array, false) { ElementType = ValueKind.Integer }, new Field("open", ValueKind.Object, false),
                new Field("loose", ValueKind.Array, false), new Field("times", ValueKind.Integer, false),
            ]),
        },
    };

    public static readonly DataContract Refunds = new()
    {
        Name = "refunds", Version = 1, FullVersion = "1.0.0", CanonicalJson = "{}", Digest = "r1", Category = "refund",
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["Refunded"] = new("Refunded",
                [new Field("amount", ValueKind.Number, true), new Field("seller", ValueKind.String, true), new Field("note", ValueKind.Integer, false), new Field("reason", ValueKind.String, false)]),
        },
    };

    public static readonly IReadOnlyDictionary<string, DataContract> Contracts = new Dictionary<string, DataContract> { ["payments/1"] = Payments, ["refunds/1"] = Refunds };

    public static readonly Entity Shop = EntityOf("shop", ("shop", ValueKind.String));

    public static Entity EntityOf(string name, params (string Name, ValueKind Type)[] keys) => new()
    {
        Name = name, Version = 1, CanonicalJson = "{}", Digest = "e", Keys = [.. keys.Select(key => new EntityKeyPart(key.Name, key.Type))],
    };

    public static FeatureView View(IReadOnlyList<ViewSource> sources, params Feature[] features) => new()
    {
        Name = "shop_activity", Version = 1, CanonicalJson = "{}", Digest = "v", Entity = "shop", Sources = sources,
        Features = features.Length > 0 ? features : [new Feature("count", "count", new Window.Unbounded())],
    };

    public static CompiledView Compile(IReadOnlyList<ViewSource> sources, params Feature[] features) => CompiledView.Compile(View(sources, features), Contracts, Shop);

    public static ViewSource ByShop => new("payments/1") { Key = ["shop"] };

    public static RecordedEvent Paid(int position, string json, string stream = "card-1", Guid? id = null, int minute = 0) => Event(position, "Paid", json, stream, id, minute);

    public static RecordedEvent Refunded(int position, string json, string stream = "refund-1", Guid? id = null, int minute = 0) => Event(position, "Refunded", json, stream, id, minute);

    private static RecordedEvent Event(int position, string type, string json, string stream, Guid? id, int minute) => new(
        stream, position, new Position((ulong)position), id ?? Cards.Id(position), type, Noon, "application/json",
        Encoding.UTF8.GetBytes(json), new EventMetadata { OccurredAt = Noon + new Duration(minute * 60_000_000L) }.ToJson());
}
