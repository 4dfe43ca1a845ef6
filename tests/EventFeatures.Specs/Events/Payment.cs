using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Specs.Running;
using Google.Protobuf;

namespace EventFeatures.Specs.Events;

/// <summary>One row of a payments table.</summary>
/// <param name="OccurredAt">When the card was used.</param>
/// <param name="Amount">How much.</param>
/// <param name="Risk">The terminal's own opinion.</param>
/// <param name="RecordedAt">When it became known, where the table says so.</param>
/// <param name="Id">The producer's name for the event, where repeats matter.</param>
public sealed record Payment(Instant OccurredAt, decimal Amount, double Risk, Instant? RecordedAt = null, string? Id = null)
{
    /// <summary>The event to send. Without a time of recording, the log's own clock says when it became known.</summary>
    public Event ToEvent(Office office, Instant? recordedAt) => new()
    {
        EventId = (Id is null ? Guid.NewGuid() : office.EventId(Id)).ToString(),
        Type = "PaymentAuthorised",
        RecordedAt = recordedAt?.ToString() ?? "",
        Data = ByteString.CopyFromUtf8(string.Create(
            CultureInfo.InvariantCulture, $$"""{"amount": {{Amount}}, "risk": {{Risk:R}}, "occurred_at": "{{OccurredAt}}"}""")),
    };
}
