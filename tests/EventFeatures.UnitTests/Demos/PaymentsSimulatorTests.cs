using System.Security.Cryptography;
using System.Text.Json;
using EventFeatures.Cli.Demos;
using EventFeatures.Cli.Demos.Payments;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Demos;

public class PaymentsSimulatorTests
{
    private static readonly IReadOnlyList<SimulatedEvent> Events = [.. PaymentsSimulator.Run(seed: 7, eventCount: 20_000)];

    [Fact]
    public void One_seed_is_one_stream_for_ever()
    {
        Digest(PaymentsSimulator.Run(1, 1_000)).ShouldBe(Digest(PaymentsSimulator.Run(1, 1_000)));
        Digest(PaymentsSimulator.Run(1, 1_000)).ShouldNotBe(Digest(PaymentsSimulator.Run(2, 1_000)));
        Digest(PaymentsSimulator.Run(1, 1_000)).ShouldBe("285e17574ba6a16fe6aa7849ac1ac17e2c7874ee0e90098d71f55ef72ac4a05f");
    }

    [Fact]
    public void The_asked_number_of_distinct_events_arrives_and_redeliveries_on_top()
    {
        var distinct = Events.GroupBy(arrival => arrival.EventId).ToList();
        distinct.Count.ShouldBe(20_000);
        (Events.Count - distinct.Count).ShouldBeInRange(50, 150);
        foreach (var same in distinct)
            foreach (var redelivery in same.Skip(1))
            {
                redelivery.Data.ToArray().ShouldBe(same.First().Data.ToArray());
                redelivery.Stream.ShouldBe(same.First().Stream);
                redelivery.RecordedAt.ShouldBeGreaterThan(same.First().RecordedAt);
            }
    }

    [Fact]
    public void Arrivals_are_in_order_of_recording_and_nothing_is_known_before_it_happens()
    {
        Events.Zip(Events.Skip(1)).ShouldAllBe(pair => pair.First.RecordedAt <= pair.Second.RecordedAt);
        Events.ShouldAllBe(arrival => arrival.OccurredAt <= arrival.RecordedAt);
        Events[0].OccurredAt.ShouldBeGreaterThanOrEqualTo(PaymentsSimulator.Start);
    }

    [Fact]
    public void Some_events_are_out_of_order_and_a_few_beyond_two_hours_late()
    {
        var newest = new Dictionary<string, Instant>();
        int outOfOrder = 0, late = 0;
        foreach (var arrival in Events.Where(arrival => arrival.Type == "PaymentAuthorised").DistinctBy(arrival => arrival.EventId))
        {
            if (newest.TryGetValue(arrival.Stream, out var before) && arrival.OccurredAt < before)
            {
                outOfOrder++;
                if (before - arrival.OccurredAt > Duration.Parse("2h")) late++;
                continue;
            }
            newest[arrival.Stream] = arrival.OccurredAt;
        }
        outOfOrder.ShouldBeInRange(30, 400);
        late.ShouldBeInRange(5, 100);
    }

    [Fact]
    public void Payments_and_chargebacks_have_the_fields_of_their_contracts()
    {
        foreach (var arrival in Events)
        {
            using var data = JsonDocument.Parse(arrival.Data);
            arrival.Stream.ShouldMatch(@"^card-\d+$");
            var names = data.RootElement.EnumerateObject().Select(member => member.Name);
            Instant.Parse(data.RootElement.GetProperty("occurred_at").GetString()!).ShouldBe(arrival.OccurredAt);
            data.RootElement.GetProperty("amount").GetRawText().ShouldMatch(@"^\d+\.\d\d$");
            data.RootElement.GetProperty("amount").GetDecimal().ShouldBeGreaterThan(0);
            if (arrival.Type == "ChargebackReceived")
            {
                names.ShouldBe(["payment_id", "amount", "reason", "occurred_at"]);
                continue;
            }
            arrival.Type.ShouldBe("PaymentAuthorised");
            names.ShouldBe(["payment_id", "amount", "currency", "country", "mcc", "merchant", "channel", "device", "status", "occurred_at"]);
            data.RootElement.GetProperty("status").GetString().ShouldBeOneOf("approved", "declined");
        }
    }

    [Fact]
    public void A_chargeback_follows_its_approved_payment_by_days()
    {
        var payments = Events.Where(arrival => arrival.Type == "PaymentAuthorised").DistinctBy(arrival => arrival.EventId)
            .ToDictionary(arrival => Text(arrival, "payment_id"));
        var chargebacks = Events.Where(arrival => arrival.Type == "ChargebackReceived").ToList();
        chargebacks.Count.ShouldBeInRange(100, 600);
        foreach (var chargeback in chargebacks)
        {
            var payment = payments[Text(chargeback, "payment_id")];
            payment.Stream.ShouldBe(chargeback.Stream);
            Text(payment, "status").ShouldBe("approved");
            (chargeback.OccurredAt - payment.OccurredAt).ShouldBeGreaterThan(Duration.Parse("1d"));
            (chargeback.RecordedAt - payment.OccurredAt).ShouldBeLessThan(Arrivals.DisputeMax);
        }
    }

    [Fact]
    public void People_sleep()
    {
        var hours = Events.Where(arrival => arrival.Type == "PaymentAuthorised").CountBy(arrival => arrival.OccurredAt.ToDateTimeOffset().Hour).ToDictionary();
        hours[18].ShouldBeGreaterThan(5 * hours[3]);
    }

    [Fact]
    public void A_number_of_events_below_one_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => PaymentsSimulator.Run(1, 0));

    internal static string Text(SimulatedEvent arrival, string field)
    {
        using var data = JsonDocument.Parse(arrival.Data);
        return data.RootElement.GetProperty(field).GetString()!;
    }

    private static string Digest(IEnumerable<SimulatedEvent> arrivals)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var arrival in arrivals)
        {
            hash.AppendData(arrival.EventId.ToByteArray());
            hash.AppendData(arrival.Data.Span);
            hash.AppendData(BitConverter.GetBytes(arrival.RecordedAt.Microseconds));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
