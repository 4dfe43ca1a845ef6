using System.Text.Json;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Contracts;

/// <summary>
/// The times that an event's metadata states. As with <see cref="Events.EventMetadata"/>, metadata that is not JSON
/// or of another shape states nothing; only these members are read, since every event passes here.
/// </summary>
internal readonly record struct EnvelopeTimes(Instant? OccurredAt, Instant? ImportedAt)
{
    public static EnvelopeTimes Read(ReadOnlySpan<byte> metadata)
    {
        if (metadata.IsEmpty) return default;
        Instant? occurredAt = null, recordedAt = null;
        var imported = false;
        try
        {
            var reader = new Utf8JsonReader(metadata);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueTextEquals("occurredAt"u8) ? 1 : reader.ValueTextEquals("recordedAt"u8) ? 2 : reader.ValueTextEquals("imported"u8) ? 3 : 0;
                reader.Read();
                if (name == 1) occurredAt = Time(ref reader);
                else if (name == 2) recordedAt = Time(ref reader);
                else if (name == 3) imported = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            // What follows the object decides whether it was JSON at all.
            while (reader.Read()) { }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return default;
        }
        return new EnvelopeTimes(occurredAt, imported ? recordedAt : null);
    }

    private static Instant? Time(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return null;
        return Instant.TryParse(reader.ValueSpan, out var instant) ? instant : null;
    }
}
