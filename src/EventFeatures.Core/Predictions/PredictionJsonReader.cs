using System.Globalization;
using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Predictions;

/// <summary>Reads the JSON of <see cref="PredictionJson"/>.</summary>
internal static class PredictionJsonReader
{
    public static PredictionMade Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new JsonException("These bytes are not a prediction: " + exception.Message, exception);
        }
    }

    private static PredictionMade Read(JsonElement root) => new()
    {
        PredictionId = root.GetProperty("predictionId").GetRequiredString(),
        Request = ReadRequest(root.GetProperty("request")),
        AsOf = Instant.Parse(root.GetProperty("asOf").GetRequiredString()),
        Service = root.GetProperty("service").GetRequiredString(),
        ServiceDigest = root.GetProperty("serviceDigest").GetRequiredString(),
        Views = [.. root.GetProperty("views").EnumerateArray().Select(ReadView)],
        Features = [.. root.GetProperty("features").EnumerateArray().Select(ReadFeature)],
        Model = root.TryGetProperty("model", out var model) ? ReadModel(model) : null,
        Route = ReadRoute(root.GetProperty("route")),
        Output = root.TryGetProperty("output", out var output) ? ReadOutput(output) : null,
        Score = ReadScore(root.GetProperty("score")),
        Confidence = root.GetProperty("confidence").GetDouble(),
        Threshold = root.GetProperty("threshold").GetDouble(),
        Decision = root.GetProperty("decision").GetRequiredString(),
        Reasons = [.. root.GetProperty("reasons").EnumerateArray().Select(reason =>
            new ReasonCode(reason.GetProperty("feature").GetRequiredString(), reason.GetProperty("scoreChange").GetDouble()))],
        Latency = [.. root.GetProperty("latencyMicroseconds").EnumerateObject().Select(stage => new StageLatency(stage.Name, stage.Value.GetInt64()))],
        Fingerprint = root.TryGetProperty("fingerprint", out var fingerprint) ? ReadFingerprint(fingerprint) : null,
        CorrelationId = Text(root, "correlationId"),
        RequestedBy = Text(root, "requestedBy"),
        Software = root.GetProperty("software").GetRequiredString(),
    };

    private static PredictionRequest ReadRequest(JsonElement request) => new(
        request.GetProperty("model").GetRequiredString(),
        request.GetProperty("entities").EnumerateObject().ToDictionary(entity => entity.Name, entity => entity.Value.GetRequiredString()),
        request.GetProperty("context").EnumerateObject().ToDictionary(field => field.Name, field => TaggedValueJson.Read(field.Value)),
        Time(request, "asOf"), ReadPosition(request, "knownAt"), ReadPosition(request, "minPosition"));

    private static ViewUse ReadView(JsonElement use) => new(
        new ViewReference(use.GetProperty("name").GetRequiredString(), use.GetProperty("version").GetInt32()),
        use.GetProperty("digest").GetRequiredString(),
        use.GetProperty("contractDigest").GetRequiredString(),
        use.GetProperty("entity").GetRequiredString(),
        use.GetProperty("entityKey").GetRequiredString(),
        new Position(use.GetProperty("knownAt").GetUInt64()));

    private static ServiceValue ReadFeature(JsonElement feature) => new(
        feature.GetProperty("name").GetRequiredString(),
        TaggedValueJson.Read(feature),
        ReadStatus(feature.GetProperty("status").GetRequiredString()),
        Time(feature, "occurredAt"),
        feature.TryGetProperty("defaulted", out var defaulted) && defaulted.GetBoolean());

    private static FeatureStatus ReadStatus(string name)
    {
        foreach (var status in Enum.GetValues<FeatureStatus>())
            if (FeatureValue.Name(status) == name) return status;
        throw new JsonException($"'{name}' is not a status of a feature. This dossier was written by a newer version; read it with that.");
    }

    private static ModelUse ReadModel(JsonElement model) => new(
        model.GetProperty("name").GetRequiredString(), model.GetProperty("version").GetInt32(),
        model.GetProperty("digest").GetRequiredString(), Text(model, "trainingSetDigest"));

    private static PredictionRoute ReadRoute(JsonElement route) =>
        new(route.GetProperty("name").GetRequiredString(), Text(route, "code") ?? "", Text(route, "detail") ?? "");

    private static double ReadScore(JsonElement score) =>
        score.GetDouble() is >= 0 and <= 1 and var probability ? probability : throw new FormatException($"Its score {score.GetRawText()} is not a probability.");

    private static float ReadOutput(JsonElement output) => BitConverter.UInt32BitsToSingle(
        uint.Parse(output.GetProperty("bits").GetRequiredString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static ExecutionFingerprint ReadFingerprint(JsonElement fingerprint) => new(
        fingerprint.GetProperty("modelDigest").GetRequiredString(),
        fingerprint.GetProperty("runtime").GetRequiredString(),
        fingerprint.GetProperty("provider").GetRequiredString(),
        fingerprint.GetProperty("optimisationLevel").GetRequiredString(),
        fingerprint.GetProperty("intraOpThreads").GetInt32(),
        fingerprint.GetProperty("interOpThreads").GetInt32(),
        fingerprint.GetProperty("executionMode").GetRequiredString(),
        fingerprint.GetProperty("prepacking").GetBoolean(),
        fingerprint.GetProperty("batchSize").GetInt32(),
        fingerprint.GetProperty("operatingSystem").GetRequiredString(),
        fingerprint.GetProperty("instructionSets").GetRequiredString());

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) ? member.GetString() : null;

    private static Instant? Time(JsonElement root, string name) =>
        Text(root, name) is { } text ? Instant.Parse(text) : null;

    private static Position? ReadPosition(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) ? new Position(member.GetUInt64()) : null;
}
