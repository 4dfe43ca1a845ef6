using System.Globalization;
using System.Text.Json;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>Payments and chargebacks in the form that their contracts state.</summary>
internal static class PaymentEvents
{
    public const string AuthorisedType = "PaymentAuthorised";
    public const string ChargebackType = "ChargebackReceived";

    public static SimulatedEvent Authorised(Payment payment, string paymentId, bool isApproved, Guid eventId, Instant recordedAt) => new(
        StreamOf(payment.Card), eventId, AuthorisedType,
        Json(writer =>
        {
            writer.WriteString("payment_id", paymentId);
            WriteAmount(writer, payment.Amount);
            writer.WriteString("currency", payment.Merchant.Currency);
            writer.WriteString("country", payment.Merchant.Country);
            writer.WriteString("mcc", payment.Merchant.Mcc);
            writer.WriteString("merchant", payment.Merchant.Name);
            writer.WriteString("channel", payment.Channel);
            writer.WriteString("device", payment.Device);
            writer.WriteString("status", isApproved ? "approved" : "declined");
            writer.WriteString("occurred_at", payment.OccurredAt.ToString());
        }),
        payment.OccurredAt, recordedAt);

    public static SimulatedEvent Chargeback(Payment payment, string paymentId, string reason, Guid eventId, Instant occurredAt, Instant recordedAt) => new(
        StreamOf(payment.Card), eventId, ChargebackType,
        Json(writer =>
        {
            writer.WriteString("payment_id", paymentId);
            WriteAmount(writer, payment.Amount);
            writer.WriteString("reason", reason);
            writer.WriteString("occurred_at", occurredAt.ToString());
        }),
        occurredAt, recordedAt);

    private static string StreamOf(Card card) => $"card-{card.Number}";

    // Two digits always, as an amount of money is written.
    private static void WriteAmount(Utf8JsonWriter writer, decimal amount)
    {
        writer.WritePropertyName("amount");
        writer.WriteRawValue(amount.ToString("0.00", CultureInfo.InvariantCulture));
    }

    private static byte[] Json(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream(320);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
