using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>
/// Card payments as a processor would see them: habits by day and night, trips, sprees, four patterns of fraud,
/// redeliveries, events out of order and too late, and chargebacks days afterwards. One seed, one stream, for ever.
/// </summary>
public sealed class PaymentsSimulator
{
    /// <summary>Event time starts here.</summary>
    public static readonly Instant Start = Instant.Parse("2025-01-06T00:00:00Z");

    private const int EventsPerCard = 65;
    private const int MerchantCount = 800;

    private readonly SplitMix64 _random;
    private readonly Arrivals _arrivals;
    private readonly Merchant[] _merchants;
    private readonly Fraud _fraud;
    private readonly PriorityQueue<Action, (Instant, int)> _agenda = new();
    private readonly PriorityQueue<(SimulatedEvent Event, bool IsRedelivery), (Instant, int)> _arriving = new();
    private int _order;
    private int _payments;

    private PaymentsSimulator(ulong seed, int cards)
    {
        _random = new SplitMix64(seed);
        _arrivals = new Arrivals(_random);
        _merchants = [.. Enumerable.Range(0, MerchantCount).Select(number => Merchant.Draw(_random, number))];
        _fraud = new Fraud(_random, _merchants);
        for (var number = 0; number < cards; number++)
        {
            var card = new Card(1_000 + number, _random, _merchants, Start);
            PlanHabit(card, Start);
            PlanFraud(card, Start);
        }
    }

    /// <summary>The events in the order of their arrival; <see cref="SimulatedEvent.RecordedAt"/> never falls.</summary>
    /// <param name="seed">Names the stream.</param>
    /// <param name="eventCount">
    /// How many distinct events; redeliveries come on top. Cards grow with it, so that about 45 days pass whatever it is.
    /// </param>
    public static IEnumerable<SimulatedEvent> Run(ulong seed, int eventCount = 200_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eventCount, 1);
        return new PaymentsSimulator(seed, Math.Max(20, eventCount / EventsPerCard)).InOrder(eventCount);
    }

    private IEnumerable<SimulatedEvent> InOrder(int eventCount)
    {
        for (var distinct = 0; distinct < eventCount;)
        {
            // Nothing arrives before it happens, so what arrives by the time of the next happening is complete.
            _agenda.TryPeek(out _, out var happening);
            if (_arriving.TryPeek(out var next, out var arrival) && arrival.Item1 <= happening.Item1)
            {
                _arriving.Dequeue();
                if (!next.IsRedelivery) distinct++;
                yield return next.Event;
                continue;
            }
            _agenda.Dequeue()();
        }
    }

    private void PlanHabit(Card card, Instant after)
    {
        var at = card.NextTime(after);
        Plan(at, () =>
        {
            Make(card.At(at));
            PlanHabit(card, at);
            // An honest spree, as on a market or in a shopping street.
            if (_random.Chance(0.02)) PlanSpree(card, at);
        });
    }

    private void PlanSpree(Card card, Instant at)
    {
        for (var more = _random.Whole(2, 5); more > 0; more--)
        {
            at += Card.Hours(_random.Between(0.03, 0.3));
            var then = at;
            Plan(then, () => Make(card.At(then)));
        }
    }

    private void PlanFraud(Card card, Instant after)
    {
        var start = after + Card.Hours(24 * _random.Exponential(Fraud.EpisodeDays));
        Plan(start, () =>
        {
            foreach (var payment in _fraud.Episode(card, start)) Plan(payment.OccurredAt, () => Make(payment));
            PlanFraud(card, start);
        });
    }

    private void Plan(Instant at, Action action) => _agenda.Enqueue(action, (at, _order++));

    private void Make(Payment payment)
    {
        var paymentId = $"p-{++_payments:0000000}";
        var isApproved = !_random.Chance(payment.DeclineChance);
        var recordedAt = payment.OccurredAt + _arrivals.Delay();
        var authorised = PaymentEvents.Authorised(payment, paymentId, isApproved, _random.Id(), recordedAt);
        Arrive(authorised);
        if (_arrivals.IsRedelivered()) Arrive(authorised with { RecordedAt = recordedAt + _arrivals.RedeliveryDelay() }, isRedelivery: true);
        if (isApproved && _arrivals.IsDisputed(payment.IsFraud)) Dispute(payment, paymentId);
    }

    private void Dispute(Payment payment, string paymentId)
    {
        var occurredAt = payment.OccurredAt + _arrivals.DisputeDelay();
        Arrive(PaymentEvents.Chargeback(payment, paymentId, payment.IsFraud ? "fraud" : "not_recognised", _random.Id(),
            occurredAt, occurredAt + _arrivals.DisputeProcessing()));
    }

    private void Arrive(SimulatedEvent arrival, bool isRedelivery = false) =>
        _arriving.Enqueue((arrival, isRedelivery), (arrival.RecordedAt, _order++));
}
