using System.Globalization;
using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>A contract of card payments, views over it, and its events.</summary>
internal static class Payments
{
    public static readonly Instant Noon = Instant.Parse("2026-03-01T12:00:00Z");

    public static readonly ViewReference CardActivity = new("card_activity", 1);

    public static CompiledView View(string name = "card_activity", string contractDigest = "contract", Duration? lateness = null, string? where = null) =>
        CompiledView.Compile(
            new FeatureView
            {
                Name = name, Version = 1, CanonicalJson = "{}", Digest = "digest of " + name, Entity = "card", Sources = [new ViewSource("payments.authorisation/1") { Where = where }],
                Features =
                [
                    new Feature("count_1h", "count", new Window.Sliding(Duration.Parse("1h"))),
                    new Feature("sum_24h", "sum", new Window.Sliding(Duration.Parse("24h"))) { Of = "amount", Where = "status == 'approved'" },
                    new Feature("mean_day", "mean", new Window.Tumbling(Duration.Parse("1d"), Previous: false)) { Of = "amount" },
                    new Feature("total_fee", "sum", new Window.Unbounded()) { Of = "fee" },
                    new Feature("last_country", "last", new Window.Unbounded()) { Of = "country" },
                    new Feature("countries", "distinct_count", new Window.Sliding(Duration.Parse("24h"))) { Of = "country" },
                    new Feature("points", "max", new Window.Unbounded()) { Of = "points" },
                    new Feature("idle", "seconds_since_last", new Window.Unbounded()),
                ],
            },
            Contract(contractDigest, lateness),
            new Entity { Name = "card", Version = 1, CanonicalJson = "{}", Digest = "entity", Keys = [new EntityKeyPart("card", ValueKind.String)] });

    public static EventData Payment(
        double amount, Instant occurredAt, string country = "FR", string status = "approved", decimal fee = 0.25m, long points = 1, Guid? id = null) =>
        new(
            id ?? Guid.NewGuid(), "PaymentAuthorised",
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $$"""{"amount":{{amount:R}},"fee":{{fee}},"country":"{{country}}","status":"{{status}}","points":{{points}},"occurred_at":"{{occurredAt}}"}""")));

    public static EventData Malformed(Guid? id = null) => new(id ?? Guid.NewGuid(), "PaymentAuthorised", "{\"amount\":\"much\"}"u8.ToArray());

    private static DataContract Contract(string digest, Duration? lateness) => new()
    {
        Name = "payments.authorisation", Version = 1, FullVersion = "1.0.0", CanonicalJson = "{}", Digest = digest, Category = "card",
        EventTimeField = "occurred_at", AllowedLateness = lateness ?? Duration.Parse("2h"),
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["PaymentAuthorised"] = new("PaymentAuthorised",
            [
                new Field("amount", ValueKind.Number, Required: true), new Field("fee", ValueKind.Decimal, Required: false),
                new Field("country", ValueKind.String, Required: false), new Field("status", ValueKind.String, Required: false),
                new Field("points", ValueKind.Integer, Required: false), new Field("occurred_at", ValueKind.Timestamp, Required: true),
            ]),
        },
    };
}
