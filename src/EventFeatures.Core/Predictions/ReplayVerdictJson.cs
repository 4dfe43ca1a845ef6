using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Core.Events;

namespace EventFeatures.Core.Predictions;

/// <summary>The event <c>PredictionReplayed</c>: a verdict in the prediction's own dossier.</summary>
public static class ReplayVerdictJson
{
    /// <summary>The event's type.</summary>
    public const string Type = "PredictionReplayed";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bytes of the event.</summary>
    public static byte[] Write(ReplayVerdict verdict, string? by, string software)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("predictionId", verdict.PredictionId);
            writer.WriteString("result", ReplayVerdict.Name(verdict.Result));
            writer.WriteString("code", verdict.Code);
            writer.WriteString("detail", verdict.Detail);
            writer.WriteNumber("eventsFolded", verdict.EventsFolded);
            writer.WriteStartArray("differences");
            foreach (var difference in verdict.Differences) Write(writer, difference);
            writer.WriteEndArray();
            if (by is not null) writer.WriteString("by", by);
            writer.WriteString("software", software);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="Write(ReplayVerdict, string?, string)"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are not a verdict.</exception>
    public static (ReplayVerdict Verdict, string? By) Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var verdict = new ReplayVerdict(
                root.GetProperty("predictionId").GetRequiredString(), ReadResult(root.GetProperty("result").GetRequiredString()),
                root.GetProperty("code").GetRequiredString(), root.GetProperty("detail").GetRequiredString())
            {
                EventsFolded = root.GetProperty("eventsFolded").GetInt64(),
                Differences = [.. root.GetProperty("differences").EnumerateArray().Select(ReadDifference)],
            };
            return (verdict, root.TryGetProperty("by", out var by) ? by.GetString() : null);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("These bytes are not a replay's verdict: " + exception.Message, exception);
        }
    }

    private static void Write(Utf8JsonWriter writer, ReplayDifference difference)
    {
        writer.WriteStartObject();
        writer.WriteString("what", difference.What);
        writer.WriteString("recorded", difference.Recorded);
        writer.WriteString("replayed", difference.Replayed);
        if (difference.UlpDistance is { } distance) writer.WriteNumber("ulpDistance", distance);
        if (difference.FromEvent is { } from)
        {
            writer.WriteStartObject("fromEvent");
            writer.WriteString("eventId", from.EventId);
            writer.WriteString("stream", from.StreamId);
            writer.WriteNumber("revision", from.Revision);
            writer.WriteNumber("position", from.Position.Value);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static ReplayDifference ReadDifference(JsonElement difference) => new(
        difference.GetProperty("what").GetRequiredString(),
        difference.GetProperty("recorded").GetRequiredString(),
        difference.GetProperty("replayed").GetRequiredString(),
        difference.TryGetProperty("ulpDistance", out var distance) ? distance.GetUInt64() : null,
        difference.TryGetProperty("fromEvent", out var from)
            ? new EventReference(
                from.GetProperty("eventId").GetGuid(), from.GetProperty("stream").GetRequiredString(),
                from.GetProperty("revision").GetInt64(), new Position(from.GetProperty("position").GetUInt64()))
            : null);

    private static ReplayResult ReadResult(string name)
    {
        foreach (var result in Enum.GetValues<ReplayResult>())
            if (ReplayVerdict.Name(result) == name) return result;
        throw new JsonException($"'{name}' is not a replay's result. This dossier was written by a newer version; read it with that.");
    }
}
