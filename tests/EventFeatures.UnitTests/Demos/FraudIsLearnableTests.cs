using System.Text.Json;
using EventFeatures.Cli.Demos;
using EventFeatures.Cli.Demos.Payments;
using EventFeatures.Core.Statistics;
using EventFeatures.Core.Time;
using EventFeatures.Inference.Training;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Demos;

public class FraudIsLearnableTests
{
    private static readonly Duration Hour = Duration.Parse("1h"), Day = Duration.Parse("24h"), Week = Duration.Parse("7d"), Month = Duration.Parse("30d");

    [Fact]
    public void A_linear_model_over_a_cards_recent_activity_finds_most_fraud_but_not_all()
    {
        var events = PaymentsSimulator.Run(seed: 11, eventCount: 40_000).DistinctBy(arrival => arrival.EventId).ToList();
        var charged = events.Where(arrival => arrival.Type == "ChargebackReceived")
            .Select(arrival => PaymentsSimulatorTests.Text(arrival, "payment_id")).ToHashSet();
        var end = events[^1].RecordedAt;
        var rows = events.Where(arrival => arrival.Type == "PaymentAuthorised").Select(Payment.Read).GroupBy(payment => payment.Stream).SelectMany(Rows)
            .Where(row => row.Payment.IsApproved && end - row.Payment.At > Arrivals.DisputeMax)
            .OrderBy(row => row.Payment.At).Select(row => (row.Features, Label: charged.Contains(row.Payment.Id) ? 1f : 0f)).ToList();

        var cut = rows.Count * 2 / 3;
        string[] names = ["count_1h", "count_24h", "ratio", "countries_24h", "devices_7d", "log_seconds", "online", "hour_sin"];
        var trained = new LogisticRegressionTrainer().Train(
            [.. rows.Take(cut).Select(row => row.Features)], [.. rows.Take(cut).Select(row => row.Label)], names);
        var heldOut = Performance.Of([.. rows.Skip(cut).Select(row => new ScoredOutcome(Probability(trained, row.Features), row.Label == 1))]);

        heldOut.BaseRate!.Value.ShouldBeInRange(0.005, 0.03);
        heldOut.Auc!.Value.ShouldBeInRange(0.85, 0.95, heldOut.ToString());
        heldOut.ExpectedCalibrationError!.Value.ShouldBeLessThan(0.02, heldOut.ToString());
    }

    private static IEnumerable<(Payment Payment, float[] Features)> Rows(IEnumerable<Payment> ofCard)
    {
        var past = new List<Payment>();
        foreach (var payment in ofCard.OrderBy(payment => payment.At))
        {
            past.Add(payment);
            IEnumerable<Payment> Within(Duration window) => past.Where(other => payment.At - other.At < window);
            var seconds = past.Count > 1 ? (payment.At - past[^2].At).TotalSeconds : double.NaN;
            yield return (payment,
            [
                Within(Hour).Count(), Within(Day).Count(), (float)(payment.Amount / Within(Month).Average(other => other.Amount)),
                Within(Day).Select(other => other.Country).Distinct().Count(), Within(Week).Select(other => other.Device).Distinct().Count(),
                (float)Math.Log(1 + seconds), payment.IsOnline ? 1 : 0,
                (float)Math.Sin(payment.At.Microseconds % 86_400_000_000 / 86_400e6 * 2 * Math.PI),
            ]);
        }
    }

    private static double Probability(EventFeatures.Core.Models.TrainedModel trained, float[] row) =>
        1 / (1 + Math.Exp(-(trained.Intercept + trained.Coefficients.Values.Select((coefficient, index) =>
            float.IsNaN(row[index]) ? 0 : coefficient * row[index]).Sum())));

    private sealed record Payment(string Stream, string Id, Instant At, double Amount, string Country, string Device, bool IsOnline, bool IsApproved)
    {
        public static Payment Read(SimulatedEvent arrival)
        {
            using var data = JsonDocument.Parse(arrival.Data);
            string Text(string field) => data.RootElement.GetProperty(field).GetString()!;
            return new Payment(arrival.Stream, Text("payment_id"), arrival.OccurredAt, data.RootElement.GetProperty("amount").GetDouble(),
                Text("country"), Text("device"), Text("channel") == "online", Text("status") == "approved");
        }
    }
}
