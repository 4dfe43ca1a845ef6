using EventFeatures.Core.Models;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads a <see cref="Model"/>.</summary>
internal static class ModelReader
{
    public static Model Read(DefinitionHeader header)
    {
        var reader = header.Reader;
        reader.AllowOnly("A Model", [.. DefinitionHeader.Keys, "service", "threshold", "decisions", "fallback"]);
        var service = reader.RequiredText("service", "fraud@v1");
        if (service.Length > 0 && !DefinitionReference.TryParse(service, out _))
            reader.Report("reference-invalid", "service", $"'{service}' does not name a feature service. Write it as name or name@v1.");
        var decisions = reader.Mapping("decisions");
        decisions?.AllowOnly("decisions", "positive", "negative");
        var fallback = reader.Mapping("fallback");
        fallback?.AllowOnly("fallback", "score", "reason");
        if (fallback is not null && !fallback.Has("score"))
            fallback.Report("key-missing", "score", "A fallback needs a score. Write for example fallback: { score: 0.02, reason: base rate of 2025 }");
        var model = new Model
        {
            Name = DefinitionReader.ReadName(reader, "name", "fraud"),
            Version = DefinitionReader.ReadVersion(reader),
            Owner = reader.Text("owner") ?? "",
            Description = reader.Text("description") ?? "",
            CanonicalJson = header.CanonicalJson,
            Digest = header.Digest,
            Service = service,
            Threshold = Probability(reader, "threshold") ?? 0.5,
            PositiveDecision = decisions?.Text("positive") ?? "positive",
            NegativeDecision = decisions?.Text("negative") ?? "negative",
            FallbackScore = fallback is null ? null : Probability(fallback, "score"),
            FallbackReason = fallback?.Text("reason") ?? "",
        };
        if (model.PositiveDecision == model.NegativeDecision)
            reader.Report("value-invalid", "decisions", $"Both decisions are '{model.PositiveDecision}'. Name them differently.");
        return model;
    }

    private static double? Probability(MappingReader reader, string key)
    {
        if (reader.Number(key) is not { } value) return null;
        if (value is >= 0 and <= 1) return value;
        reader.Report("value-invalid", key, $"'{key}' is {value:R}, but a score lies between 0 and 1.");
        return null;
    }
}
