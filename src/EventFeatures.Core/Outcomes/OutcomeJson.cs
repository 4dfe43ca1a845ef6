using System.Text.Json;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Outcomes;

/// <summary>
/// <see cref="OutcomeRecorded"/> as JSON, with what the prediction had been under the prediction's own names, so that
/// views of outcomes can be keyed by its entities and model. Members are only ever added.
/// </summary>
public static class OutcomeJson
{
    /// <summary>The bytes of the event.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="made">The prediction; null when its own event cannot be read.</param>
    /// <param name="isCorrection">Whether the prediction had an outcome before.</param>
    public static byte[] Write(OutcomeRecorded outcome, PredictionMade? made, bool isCorrection)
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
            writer.WriteBoolean("correction", isCorrection);
            if (made is not null) Write(writer, made);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="Write(OutcomeRecorded, PredictionMade, bool)"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are not an outcome.</exception>
    public static OutcomeRecorded Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new OutcomeRecorded(
                root.GetProperty("predictionId").GetRequiredString(), root.GetProperty("outcomeId").GetRequiredString(),
                root.GetProperty("value").GetDouble(), Instant.Parse(root.GetProperty("occurredAt").GetRequiredString()),
                root.TryGetProperty("recordedBy", out var by) ? by.GetString() : null);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("These bytes are not an outcome: " + exception.Message, exception);
        }
    }

    private static void Write(Utf8JsonWriter writer, PredictionMade made)
    {
        writer.WriteStartObject("request");
        writer.WriteString("model", made.Request.Model);
        writer.WriteStartObject("entities");
        foreach (var (name, key) in made.Request.Entities.OrderBy(entity => entity.Key, StringComparer.Ordinal)) writer.WriteString(name, key);
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (made.Model is { } model)
        {
            writer.WriteStartObject("model");
            writer.WriteString("name", model.Name);
            writer.WriteNumber("version", model.Version);
            writer.WriteEndObject();
        }
        writer.WriteStartObject("route");
        writer.WriteString("name", made.Route.Name);
        writer.WriteEndObject();
        ExactText.Write(writer, "score", made.Score);
        ExactText.Write(writer, "threshold", made.Threshold);
        writer.WriteString("decision", made.Decision);
    }
}
