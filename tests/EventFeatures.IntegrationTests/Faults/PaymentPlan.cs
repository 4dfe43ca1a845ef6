using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using Google.Protobuf;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>What producers are going to send, all of it a function of the seed: the same in every run that follows it.</summary>
internal sealed class PaymentPlan
{
    public const string Model = "fraud";

    /// <summary>The instant that decisions and comparisons are about; all payments lie in the day before it.</summary>
    public static readonly Instant AsOf = Instant.Parse("2025-03-02T00:00:00Z");

    private const int CardCount = 24;
    private const int RequestsPerCard = 60;

    public PaymentPlan(int seed)
    {
        var random = new Random(seed);
        Cards = [.. Enumerable.Range(0, CardCount).Select(card => new CardPlan(seed, card, random, RequestsPerCard))];
    }

    public IReadOnlyList<CardPlan> Cards { get; }

    public int RequestCount => Cards.Sum(card => card.Requests.Count);
}

/// <summary>One card's requests, in their order.</summary>
internal sealed class CardPlan
{
    public CardPlan(int seed, int card, Random random, int requests)
    {
        Key = card.ToString(CultureInfo.InvariantCulture);
        Requests = [.. Enumerable.Range(0, requests).Select(index => Request(seed, index, random))];
    }

    public string Key { get; }

    public string Stream => $"card-{Key}";

    /// <summary>An <see cref="AppendRequest"/> or a <see cref="PredictRequest"/> each.</summary>
    public IReadOnlyList<IMessage> Requests { get; }

    public IEnumerable<string> EventIds => Requests.OfType<AppendRequest>().SelectMany(request => request.Events).Select(sent => sent.EventId);

    public IEnumerable<string> PredictionIds => Requests.OfType<PredictRequest>().Select(request => request.PredictionId);

    private IMessage Request(int seed, int index, Random random)
    {
        if (index % 6 == 5)
        {
            return new PredictRequest
            {
                Model = PaymentPlan.Model,
                PredictionId = $"p-{seed}-{Key}-{index}",
                Entities = { ["card"] = Key },
                Context = { ["amount"] = new Value { Number = random.Next(1, 100_000) / 100d } },
                AsOf = PaymentPlan.AsOf.ToString(),
            };
        }
        var request = new AppendRequest { Stream = Stream };
        for (var i = random.Next(1, 6); i > 0; i--) request.Events.Add(Payment(EventIdOf(seed, index, i), random));
        return request;
    }

    private Guid EventIdOf(int seed, int index, int number) => Core.Events.EventIds.Derive(
        "fault", $"{seed}", Key, index.ToString(CultureInfo.InvariantCulture), number.ToString(CultureInfo.InvariantCulture));

    private static Event Payment(Guid id, Random random)
    {
        var occurredAt = PaymentPlan.AsOf - new Duration(random.NextInt64(86_400_000_000));
        return new Event
        {
            EventId = id.ToString(),
            Type = "PaymentAuthorised",
            RecordedAt = occurredAt.ToString(),
            Data = ByteString.CopyFromUtf8(string.Create(
                CultureInfo.InvariantCulture, $$"""{"amount": {{random.Next(1, 1_000_000) / 100m}}, "risk": {{random.NextDouble():R}}, "occurred_at": "{{occurredAt}}"}""")),
        };
    }
}
