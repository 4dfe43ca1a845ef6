using EventFeatures.Inference.Training;
using FilePath = System.IO.Path;

namespace EventFeatures.Testing.Specs;

/// <summary>Definitions of card fraud as small as they can be, and models to go with them.</summary>
public static class FraudRules
{
    /// <summary>The features of an entity, as requests name them.</summary>
    public static readonly IReadOnlyList<string> ViewFeatures =
        ["card_activity__count_24h", "card_activity__sum_24h", "card_activity__risk_24h", "card_activity__risk_spread"];

    /// <summary>Contract, entity, view and service, and a model of this name.</summary>
    public static string Yaml(string model) =>
        $$"""
        {{File.ReadAllText(FilePath.Combine(RepositoryFolder.Path, "tests/EventFeatures.Testing/Specs/fraud-rules.yaml"))}}
        ---
        apiVersion: eventfeatures/v1
        kind: Model
        name: {{model}}
        version: 1
        service: fraud@v1
        threshold: 0.5
        decisions: { positive: decline, negative: approve }
        """;

    /// <summary>A model's bytes; each version learnt from other rows and therefore scores otherwise.</summary>
    public static byte[] Model(int version)
    {
        var random = new Random(version);
        List<float[]> rows = [];
        List<float> labels = [];
        for (var i = 0; i < 200; i++)
        {
            var risk = random.NextSingle();
            rows.Add([random.Next(10), random.NextSingle() * 1000, risk * 3, risk / 2, random.NextSingle() * 7]);
            labels.Add(risk + random.NextSingle() / 2 > 0.8f ? 1 : 0);
        }
        return new LogisticRegressionTrainer().Train(rows, labels, [.. ViewFeatures, "log_amount"]).Onnx;
    }
}
