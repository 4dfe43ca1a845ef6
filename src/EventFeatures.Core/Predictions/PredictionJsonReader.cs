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
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("These bytes are not a prediction: " + exception.Message, exception);
        }
    }

    private static PredictionMade Read(JsonElement root) => new()
    {
        PredictionId = root.GetProperty("predictionId").GetString()!,
        Request = ReadRequest(root.GetProperty("request")),
        AsOf = Instant.Parse(root.GetProperty("asOf").GetString()!),
        Service = root.GetProperty("service").GetString()!,
        ServiceDigest = root.GetProperty("serviceDigest").GetString()!,
        Views = [.. root.GetProperty("views").EnumerateArray().Select(ReadView)],
        Features = [.. root.GetProperty("features").EnumerateArray().Select(ReadFeature)],
        Model = root.TryGetProperty("model", out var model) ? ReadModel(model) : null,
        Route = ReadRoute(root.GetProperty("route")),
        Output = root.TryGetProperty("output", out var output) ? ReadOutput(output) : null,
        Score = root.GetProperty("score").GetDouble(),
        Confidence = root.GetProperty("confidence").GetDouble(),
        Threshold = root.GetProperty("threshold").GetDouble(),
        Decision = root.GetProperty("decision").GetString()!,
        Reasons = [.. root.GetProperty("reasons").EnumerateArray().Select(reason =>
            new ReasonCode(reason.GetProperty("feature").GetString()!, reason.GetProperty("scoreChange").GetDouble()))],
        Latency = [.. root.GetProperty("latencyMicroseconds").EnumerateObject().Select(stage => new StageLatency(stage.Name, stage.Value.GetInt64()))],
        Fingerprint = root.TryGetProperty("fingerprint", out var fingerprint) ? ReadFingerprint(fingerprint) : null,
        CorrelationId = Text(root, "correlationId"),
        RequestedBy = Text(root, "requestedBy"),
        Software = root.GetProperty("software").GetString()!,
    };

    private static PredictionRequest ReadRequest(JsonElement request) => new(
        request.GetProperty("model").GetString()!,
        request.GetProperty("entities").EnumerateObject().ToDictionary(entity => entity.Name, entity => entity.Value.GetString()!),
        request.GetProperty("context").EnumerateObject().ToDictionary(field => field.Name, field => TaggedValueJson.Read(field.Value)),
        Time(request, "asOf"), ReadPosition(request, "knownAt"), ReadPosition(request, "minPosition"));

    private static ViewUse ReadView(JsonElement use) => new(
        new ViewReference(use.GetProperty("name").GetString()!, use.GetProperty("version").GetInt32()),
        use.GetProperty("digest").GetString()!,
        use.GetProperty("contractDigest").GetString()!,
        use.GetProperty("entity").GetString()!,
        use.GetProperty("entityKey").GetString()!,
        new Position(use.GetProperty("knownAt").GetUInt64()));

    private static ServiceValue ReadFeature(JsonElement feature) => new(
        feature.GetProperty("name").GetString()!,
        TaggedValueJson.Read(feature),
        ReadStatus(feature.GetProperty("status").GetString()!),
        Time(feature, "occurredAt"),
        feature.TryGetProperty("defaulted", out var defaulted) && defaulted.GetBoolean());

    private static FeatureStatus ReadStatus(string name)
    {
        foreach (var status in Enum.GetValues<FeatureStatus>())
            if (FeatureValue.Name(status) == name) return status;
        throw new JsonException($"'{name}' is not a status of a feature. This dossier was written by a newer version; read it with that.");
    }

    private static ModelUse ReadModel(JsonElement model) => new(
        model.GetProperty("name").GetString()!, model.GetProperty("version").GetInt32(),
        model.GetProperty("digest").GetString()!, Text(model, "trainingSetDigest"));

    private static PredictionRoute ReadRoute(JsonElement route) =>
        new(route.GetProperty("name").GetString()!, Text(route, "code") ?? "", Text(route, "detail") ?? "");

    private static float ReadOutput(JsonElement output) => BitConverter.UInt32BitsToSingle(
        uint.Parse(output.GetProperty("bits").GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static ExecutionFingerprint ReadFingerprint(JsonElement fingerprint) => new(
        fingerprint.GetProperty("modelDigest").GetString()!,
        fingerprint.GetProperty("runtime").GetString()!,
        fingerprint.GetProperty("provider").GetString()!,
        fingerprint.GetProperty("optimisationLevel").GetString()!,
        fingerprint.GetProperty("intraOpThreads").GetInt32(),
        fingerprint.GetProperty("interOpThreads").GetInt32(),
        fingerprint.GetProperty("executionMode").GetString()!,
        fingerprint.GetProperty("prepacking").GetBoolean(),
        fingerprint.GetProperty("batchSize").GetInt32(),
        fingerprint.GetProperty("operatingSystem").GetString()!,
        fingerprint.GetProperty("instructionSets").GetString()!);

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) ? member.GetString() : null;

    private static Instant? Time(JsonElement root, string name) =>
        Text(root, name) is { } text ? Instant.Parse(text) : null;

    private static Position? ReadPosition(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) ? new Position(member.GetUInt64()) : null;
}
