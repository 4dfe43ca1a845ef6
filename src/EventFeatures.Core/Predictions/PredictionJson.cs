using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Predictions;

/// <summary>
/// <see cref="PredictionMade"/> as JSON, readable for ever: members are only ever added. Every number reads back as
/// the same bits; the model's output carries its bits in hexadecimal beside its decimal form.
/// </summary>
public static class PredictionJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bytes of the event.</summary>
    public static byte[] Write(PredictionMade made)
    {
        using var buffer = new MemoryStream(2048);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("predictionId", made.PredictionId);
            WriteRequest(writer, made.Request);
            writer.WriteString("asOf", made.AsOf.ToString());
            writer.WriteString("service", made.Service);
            writer.WriteString("serviceDigest", made.ServiceDigest);
            WriteViews(writer, made.Views);
            WriteFeatures(writer, made);
            WriteModel(writer, made.Model);
            WriteAnswer(writer, made);
            WriteFingerprint(writer, made.Fingerprint);
            if (made.CorrelationId is { } correlation) writer.WriteString("correlationId", correlation);
            if (made.RequestedBy is { } by) writer.WriteString("requestedBy", by);
            writer.WriteString("software", made.Software);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="Write(PredictionMade)"/> wrote, by this or any earlier version.</summary>
    /// <exception cref="JsonException">The bytes are not a prediction.</exception>
    public static PredictionMade Read(ReadOnlyMemory<byte> json) => PredictionJsonReader.Read(json);

    /// <summary>The canonical JSON of a request, which tells whether a prediction id is used again for something else.</summary>
    public static byte[] Write(PredictionRequest request)
    {
        using var buffer = new MemoryStream(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            WriteRequest(writer, request);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteRequest(Utf8JsonWriter writer, PredictionRequest request)
    {
        writer.WriteStartObject("request");
        writer.WriteString("model", request.Model);
        writer.WriteStartObject("entities");
        foreach (var (name, key) in request.Entities.OrderBy(entity => entity.Key, StringComparer.Ordinal)) writer.WriteString(name, key);
        writer.WriteEndObject();
        writer.WriteStartObject("context");
        foreach (var (name, value) in request.Context.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            TaggedValueJson.Write(writer, value);
        }
        writer.WriteEndObject();
        if (request.AsOf is { } asOf) writer.WriteString("asOf", asOf.ToString());
        if (request.KnownAt is { } knownAt) writer.WriteNumber("knownAt", knownAt.Value);
        if (request.MinPosition is { } minPosition) writer.WriteNumber("minPosition", minPosition.Value);
        writer.WriteEndObject();
    }

    private static void WriteViews(Utf8JsonWriter writer, IReadOnlyList<ViewUse> views)
    {
        writer.WriteStartArray("views");
        foreach (var use in views)
        {
            writer.WriteStartObject();
            writer.WriteString("name", use.View.Name);
            writer.WriteNumber("version", use.View.Version);
            writer.WriteString("digest", use.Digest);
            writer.WriteString("contractDigest", use.ContractDigest);
            writer.WriteString("entity", use.Entity);
            writer.WriteString("entityKey", use.EntityKey);
            writer.WriteNumber("knownAt", use.KnownAt.Value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteFeatures(Utf8JsonWriter writer, PredictionMade made)
    {
        writer.WriteStartArray("features");
        foreach (var feature in made.Features)
        {
            writer.WriteStartObject();
            writer.WriteString("name", feature.Name);
            TaggedValueJson.WriteMembers(writer, feature.Value);
            writer.WriteString("status", FeatureValue.Name(feature.Status));
            if (feature.OccurredAt is { } occurredAt) writer.WriteString("occurredAt", occurredAt.ToString());
            if (feature.FreshnessAt(made.AsOf) is { } freshness) writer.WriteNumber("ageSeconds", freshness.TotalSeconds);
            if (feature.Defaulted) writer.WriteBoolean("defaulted", true);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteModel(Utf8JsonWriter writer, ModelUse? model)
    {
        if (model is null) return;
        writer.WriteStartObject("model");
        writer.WriteString("name", model.Name);
        writer.WriteNumber("version", model.Version);
        writer.WriteString("digest", model.Digest);
        if (model.TrainingSetDigest is { } trainingSet) writer.WriteString("trainingSetDigest", trainingSet);
        writer.WriteEndObject();
    }

    private static void WriteAnswer(Utf8JsonWriter writer, PredictionMade made)
    {
        writer.WriteStartObject("route");
        writer.WriteString("name", made.Route.Name);
        if (made.Route.Code.Length > 0) writer.WriteString("code", made.Route.Code);
        if (made.Route.Detail.Length > 0) writer.WriteString("detail", made.Route.Detail);
        writer.WriteEndObject();
        if (made.Output is { } output)
        {
            writer.WriteStartObject("output");
            writer.WritePropertyName("probability");
            if (float.IsFinite(output)) writer.WriteNumberValue(output);
            else writer.WriteStringValue(output.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("bits", BitConverter.SingleToUInt32Bits(output).ToString("x8", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        ExactText.Write(writer, "score", made.Score);
        ExactText.Write(writer, "confidence", made.Confidence);
        ExactText.Write(writer, "threshold", made.Threshold);
        writer.WriteString("decision", made.Decision);
        writer.WriteStartArray("reasons");
        foreach (var reason in made.Reasons)
        {
            writer.WriteStartObject();
            writer.WriteString("feature", reason.Feature);
            ExactText.Write(writer, "scoreChange", reason.ScoreChange);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("latencyMicroseconds");
        foreach (var stage in made.Latency) writer.WriteNumber(stage.Stage, stage.Microseconds);
        writer.WriteEndObject();
    }

    private static void WriteFingerprint(Utf8JsonWriter writer, ExecutionFingerprint? fingerprint)
    {
        if (fingerprint is null) return;
        writer.WriteStartObject("fingerprint");
        writer.WriteString("modelDigest", fingerprint.ModelDigest);
        writer.WriteString("runtime", fingerprint.Runtime);
        writer.WriteString("provider", fingerprint.Provider);
        writer.WriteString("optimisationLevel", fingerprint.OptimisationLevel);
        writer.WriteNumber("intraOpThreads", fingerprint.IntraOpThreads);
        writer.WriteNumber("interOpThreads", fingerprint.InterOpThreads);
        writer.WriteString("executionMode", fingerprint.ExecutionMode);
        writer.WriteBoolean("prepacking", fingerprint.Prepacking);
        writer.WriteNumber("batchSize", fingerprint.BatchSize);
        writer.WriteString("operatingSystem", fingerprint.OperatingSystem);
        writer.WriteString("instructionSets", fingerprint.InstructionSets);
        writer.WriteEndObject();
    }
}
