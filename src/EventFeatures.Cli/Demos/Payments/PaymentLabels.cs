using EventFeatures.Api.V1;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>Which payments have a known outcome at some moment, and which it is.</summary>
internal static class PaymentLabels
{
    private const int RowsMax = 40_000;

    /// <summary>
    /// A spine of approved payments old enough that a chargeback would have come, labelled by those that had been
    /// recorded by the end of <paramref name="arrivals"/>: what a team could really have trained on that day.
    /// </summary>
    public static IReadOnlyList<SpineRow> Spine(IReadOnlyList<SimulatedEvent> arrivals)
    {
        var now = arrivals[^1].RecordedAt;
        var disputed = arrivals.Where(IsChargeback).Select(ObservedPayment.DisputedId).ToHashSet(StringComparer.Ordinal);
        var payments = Payments(arrivals).Where(payment => payment.IsApproved && IsMature(payment.OccurredAt, now)).OrderBy(payment => payment.OccurredAt).ToList();
        return [.. Evenly(payments, RowsMax).Select(payment => payment.ToSpine(disputed.Contains(payment.PaymentId)))];
    }

    /// <summary>The approved payments to ask a model about, spread evenly: a declined one has no outcome to compare with.</summary>
    public static HashSet<string> Sample(IReadOnlyList<SimulatedEvent> arrivals, int count) =>
        [.. Evenly([.. Payments(arrivals).Where(payment => payment.IsApproved)], count).Select(payment => payment.PaymentId)];

    public static bool IsMature(Instant occurredAt, Instant now) => now - occurredAt >= Arrivals.DisputeMax;

    public static bool IsPayment(SimulatedEvent arrival) => arrival.Type == PaymentEvents.AuthorisedType;

    public static bool IsChargeback(SimulatedEvent arrival) => arrival.Type == PaymentEvents.ChargebackType;

    private static IEnumerable<ObservedPayment> Payments(IReadOnlyList<SimulatedEvent> arrivals) =>
        arrivals.Where(IsPayment).DistinctBy(arrival => arrival.EventId).Select(ObservedPayment.Read);

    private static IEnumerable<T> Evenly<T>(IReadOnlyList<T> items, int count) =>
        items.Count <= count ? items : Enumerable.Range(0, count).Select(index => items[(int)((long)index * items.Count / count)]);
}
