using System.Globalization;
using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>A contract of card payments, and events and views over it.</summary>
internal static class Cards
{
    public static readonly Instant Noon = Instant.Parse("2026-01-01T12:00:00Z");

    public static readonly DataContract Contract = new()
    {
        Name = "payments.authorisation",
        Version = 1,
        FullVersion = "1.0.0",
        CanonicalJson = "{}",
        Digest = "00",
        Category = "card",
        EventTimeField = "occurred_at",
        EventTypes = new Dictionary<string, EventSchema>
        {
            ["Paid"] = new("Paid",
            [
                new Field("amount", ValueKind.Number, false),
                new Field("exact", ValueKind.Decimal, false),
                new Field("count", ValueKind.Integer, false),
                new Field("country", ValueKind.String, false),
                new Field("approved", ValueKind.Boolean, false),
                new Field("settled_at", ValueKind.Timestamp, false),
                new Field("due", ValueKind.Date, false),
                new Field("occurred_at", ValueKind.Timestamp, true),
            ]),
        },
    };

    public static readonly Entity Card = new()
    {
        Name = "card", Version = 1, CanonicalJson = "{}", Digest = "01", Keys = [new EntityKeyPart("card", ValueKind.String)],
    };

    public static readonly Window Ever = new Window.Unbounded();

    public static Window Last(string length) => new Window.Sliding(Duration.Parse(length));

    public static Window Bucket(string length, bool previous = false) => new Window.Tumbling(Duration.Parse(length), previous);

    public static Feature Feature(string aggregate, string? of, Window window, string? where = null, string name = "f") =>
        new(name, aggregate, window) { Of = of, Where = where };

    public static FeatureView View(string? ttl = null, params Feature[] features) => new()
    {
        Name = "card_activity", Version = 1, CanonicalJson = "{}", Digest = "02", Entity = "card", Sources = [new ViewSource("payments.authorisation/1")],
        Ttl = ttl is null ? null : Duration.Parse(ttl), Features = features,
    };

    public static CompiledView Compiled(params Feature[] features) => CompiledView.Compile(View(null, features), Contract, Card);

    /// <summary>A payment; <paramref name="members"/> is the JSON of its other members.</summary>
    public static RecordedEvent Paid(int revision, Instant occurredAt, string members = "", Guid? id = null) =>
        Event(revision, $$"""{"occurred_at":"{{occurredAt}}"{{(members.Length > 0 ? "," + members : "")}}}""", id);

    public static RecordedEvent Event(int revision, string json, Guid? id = null, string stream = "card-1", string type = "Paid") => new(
        stream, revision, new Position((ulong)revision * 10 + 5), id ?? Id(revision), type, Noon, "application/json",
        Encoding.UTF8.GetBytes(json), ReadOnlyMemory<byte>.Empty);

    public static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    public static FeatureRow Row(CompiledView view, RecordedEvent recorded) => ((RowReading.Row)view.Read(recorded)).Value;

    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
