using System.Text.Json;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Outcomes;

/// <summary><see cref="OutcomeRecorded"/> as JSON.</summary>
public static class OutcomeJson
{
    /// <summary>The bytes of the event.</summary>
    public static byte[] Write(OutcomeRecorded outcome)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("predictionId", outcome.PredictionId);
            writer.WriteString("outcomeId", outcome.OutcomeId);
            ExactText.Write(writer, "value", outcome.Value);
            writer.WriteString("occurredAt", outcome.OccurredAt.ToString());
            if (outcome.RecordedBy is { } by) writer.WriteString("recordedBy", by);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are not an outcome.</exception>
    public static OutcomeRecorded Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new OutcomeRecorded(
                root.GetProperty("predictionId").GetString()!, root.GetProperty("outcomeId").GetString()!,
                root.GetProperty("value").GetDouble(), Instant.Parse(root.GetProperty("occurredAt").GetString()!),
                root.TryGetProperty("recordedBy", out var by) ? by.GetString() : null);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("These bytes are not an outcome: " + exception.Message, exception);
        }
    }
}
