using EventFeatures.Api.V1;
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
    private readonly Registry.RegistryClient _registry = new(office.Channel);

    [Given("the fraud rules are in force, with champion version {int}")]
    public async Task GivenTheRules(int version)
    {
        var applied = await _registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "rules.yaml", Content = FraudRules.Yaml(office.Model) } },
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
            Model = office.Model, Onnx = ByteString.CopyFrom(FraudRules.Model(version)), Actor = "author@example.com",
        });
        registered.Version.Version.ShouldBe(version);
        var promoted = await _registry.PromoteModelAsync(new PromoteModelRequest
        {
            Model = office.Model, Version = version, Actor = "risk-officer@example.com", Reason = "The scenario says so.",
        });
        office.Saw(promoted.Position);
    }
}
