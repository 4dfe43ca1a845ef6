using EventFeatures.Api.V1;
using EventFeatures.Inference.Training;
using EventFeatures.Specs.Running;
using EventFeatures.Testing.Gherkin;
using EventFeatures.Testing.Specs;
using Google.Protobuf;
using Shouldly;

namespace EventFeatures.Specs.Definitions;

/// <summary>The rules in force: the shared definitions, and a model of the scenario's own.</summary>
[Binding]
public sealed class RuleSteps(Office office)
{
    private const string InputNames = "card_activity__count_24h,card_activity__sum_24h,card_activity__risk_24h,card_activity__risk_spread,log_amount";

    private readonly Registry.RegistryClient _registry = new(office.Channel);

    [Given("the fraud rules are in force, with champion version {int}")]
    public async Task GivenTheRules(int version)
    {
        var rules = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "tests/EventFeatures.Specs/Definitions/rules.yaml"));
        var model = $$"""
            apiVersion: eventfeatures/v1
            kind: Model
            name: {{office.Model}}
            version: 1
            service: fraud@v1
            threshold: 0.5
            decisions: { positive: decline, negative: approve }
            """;
        var applied = await _registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "rules.yaml", Content = rules }, new DefinitionFile { Path = "model.yaml", Content = model } },
            Reason = "The scenario's rules.", Actor = "risk-officer@example.com",
        });
        office.Saw(applied.Position);
        for (var next = 1; next <= version; next++) await PromoteAsync(next);
    }

    [When("version {int} is made the champion")]
    public async Task PromoteAsync(int version)
    {
        var registered = await _registry.RegisterModelAsync(new RegisterModelRequest
        {
            Model = office.Model, Onnx = ByteString.CopyFrom(Train(version)), Actor = "author@example.com",
        });
        registered.Version.Version.ShouldBe(version);
        var promoted = await _registry.PromoteModelAsync(new PromoteModelRequest
        {
            Model = office.Model, Version = version, Actor = "risk-officer@example.com", Reason = "The scenario says so.",
        });
        office.Saw(promoted.Position);
    }

    /// <summary>A small model; each version learns from other rows and therefore scores otherwise.</summary>
    private static byte[] Train(int version)
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
        return new LogisticRegressionTrainer().Train(rows, labels, InputNames.Split(',')).Onnx;
    }
}
