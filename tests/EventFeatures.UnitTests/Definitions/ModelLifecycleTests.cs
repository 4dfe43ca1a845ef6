using System.Text;
using EventFeatures.Application.Models;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class ModelLifecycleTests
{
    [Fact]
    public async Task A_registered_model_has_the_next_version_and_its_card()
    {
        await using var bench = await WithFamilyAsync();

        var first = await bench.SendAsync(Register(FakeModels.Model(3)) with { TrainingSetDigest = "t1", Metrics = new Dictionary<string, double> { ["ece"] = 0.02 } });
        var second = await bench.SendAsync(Register(FakeModels.Model(3, variant: 1)));

        (first.Version.Version, second.Version.Version).ShouldBe((1, 2));
        var card = bench.Registry.Current.Models["fraud"].Versions[0];
        card.ShouldBe(first.Version);
        (card.Service, card.TrainingSetDigest, card.Metrics["ece"], card.RegisteredBy).ShouldBe(("fraud@v1", "t1", 0.02, "ada"));
        card.ServiceDigest.ShouldBe(bench.Registry.Current.Services["fraud@v1"].Digest);
        bench.Log.Events[^1].StreamId.ShouldBe("model-fraud");
        bench.Log.Events[^1].Type.ShouldBe("ModelRegistered");
        bench.Registry.Current.Models["fraud"].Champion.ShouldBeNull();
    }

    [Fact]
    public async Task The_same_bytes_from_the_same_training_set_are_one_version()
    {
        await using var bench = await WithFamilyAsync();
        var first = await bench.SendAsync(Register(FakeModels.Model(3)));
        var again = await bench.SendAsync(Register(default) with { Digest = first.Version.Digest });
        again.ShouldBe(new ModelRegistration(first.Version, null));
    }

    [Fact]
    public async Task A_model_with_other_inputs_than_its_service_is_refused()
    {
        await using var bench = await WithFamilyAsync();
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(Register(FakeModels.Model(7))));
        refused.Code.ShouldBe("model-unfit");
        refused.Detail.ShouldContain("which reads the 3 features of fraud@v1: The model takes 7 inputs, not 3.");
    }

    [Fact]
    public async Task An_unknown_family_is_refused_with_the_nearest()
    {
        await using var bench = await WithFamilyAsync();
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new RegisterModel("frued") { By = "ada", Onnx = FakeModels.Model(3) }));
        (refused.Code, refused.Detail).ShouldBe(("model-unknown", "There is no model 'frued'. Did you mean 'fraud'?"));
    }

    [Fact]
    public async Task Bytes_or_a_digest_but_not_both_or_neither()
    {
        await using var bench = await WithFamilyAsync();
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(Register(default)))).Message.ShouldContain("Give either the ONNX bytes or the digest");
        await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(Register(FakeModels.Model(3)) with { Digest = new string('a', 64) }));
        await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(Register(FakeModels.Model(3)) with { Metrics = new Dictionary<string, double> { ["auc"] = double.NaN } }));
    }

    [Fact]
    public async Task A_promoted_version_is_the_champion_until_another_is()
    {
        await using var bench = await WithFamilyAsync();
        await bench.SendAsync(Register(FakeModels.Model(3)));
        await bench.SendAsync(Register(FakeModels.Model(3, variant: 1)));

        (await bench.SendAsync(Promote(1))).PreviousVersion.ShouldBeNull();
        (await bench.SendAsync(Promote(2))).PreviousVersion.ShouldBe(1);
        (await bench.SendAsync(Promote(1))).PreviousVersion.ShouldBe(2);
        (await bench.SendAsync(Promote(1))).Position.ShouldBeNull();

        bench.Registry.Current.Models["fraud"].ChampionVersion.ShouldBe(1);
        bench.Log.Events.Count(recorded => recorded.Type == "ChampionPromoted").ShouldBe(3);
    }

    [Fact]
    public async Task A_version_that_does_not_exist_cannot_be_promoted()
    {
        await using var bench = await WithFamilyAsync();
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(Promote(1)))).Detail.ShouldBe("The model 'fraud' has no version 1; none is registered.");
        await bench.SendAsync(Register(FakeModels.Model(3)));
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(Promote(4)))).Detail.ShouldBe("The model 'fraud' has no version 4; it has 1 to 1.");
    }

    [Fact]
    public async Task A_model_that_gives_no_probability_cannot_be_promoted()
    {
        await using var bench = await WithFamilyAsync();
        await bench.SendAsync(Register(FakeModels.Model(3, hundredths: 250)));
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(Promote(1)));
        refused.Code.ShouldBe("golden-input-failed");
        refused.Detail.ShouldBe("Version 1 of 'fraud' scores 2.5 when every feature is zero, which is no probability.");
        bench.Registry.Current.Models["fraud"].Champion.ShouldBeNull();
    }

    [Fact]
    public async Task A_new_definition_of_the_family_keeps_its_versions_and_champion()
    {
        await using var bench = await WithFamilyAsync();
        await bench.SendAsync(Register(FakeModels.Model(3)));
        await bench.SendAsync(Promote(1));
        await bench.ApplyAsync(Yaml.Model.With("name: fraud\n", "name: fraud\nversion: 2\n").With("0.7", "0.8"));

        var entry = bench.Registry.Current.Models["fraud"];
        (entry.Definition.Version, entry.Definition.Threshold, entry.ChampionVersion, entry.Versions.Count).ShouldBe((2, 0.8, 1, 1));
    }

    [Fact]
    public async Task Who_registers_against_a_family_that_moved_is_told_to_reload()
    {
        await using var calm = await WithFamilyAsync();
        await using var racing = await DefinitionBench.StartAsync(calm.Log, new RacingLog(calm.Log, "model-fraud"));
        await Should.ThrowAsync<WrongExpectedVersionException>(() => racing.SendAsync(Register(FakeModels.Model(3))));
    }

    [Fact]
    public async Task What_is_registered_or_promoted_is_decided_on_one_moment_of_the_registry()
    {
        await using var bench = await WithFamilyAsync();
        await bench.SendAsync(Register(FakeModels.Model(3)));
        var before = bench.Registry.Current;
        await bench.SendAsync(Register(FakeModels.Model(3, variant: 1)));
        var register = new RegisterModelHandler(new MovingRegistry(bench.Registry, before), bench.Log, bench.Models, bench.Models);
        var promote = new PromoteModelHandler(new MovingRegistry(bench.Registry, before), bench.Log, bench.Models);

        await Should.ThrowAsync<WrongExpectedVersionException>(() => register.Handle(Register(FakeModels.Model(3, variant: 2)), default));
        await Should.ThrowAsync<WrongExpectedVersionException>(() => promote.Handle(Promote(1), default));

        (await bench.SendAsync(Register(FakeModels.Model(3, variant: 2)))).Version.Version.ShouldBe(3);
    }

    [Fact]
    public async Task Of_two_versions_under_one_number_the_first_in_the_log_counts()
    {
        await using var bench = await WithFamilyAsync();
        var first = await bench.SendAsync(Register(FakeModels.Model(3)));
        var again = bench.Log.Events[^1];
        var data = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(again.Data.Span).With(first.Version.Digest, new string('a', 64)));

        var appended = await bench.Log.AppendToStreamAsync(again.StreamId, StreamState.Any, [new EventData(Guid.NewGuid(), again.Type, data)]);
        await bench.Registry.SeenAsync(appended.Position, TimeSpan.FromSeconds(20));

        bench.Registry.Current.Models["fraud"].Versions.ShouldHaveSingleItem().ShouldBe(first.Version);
        var lost = bench.Registry.Current.NotInForce.ShouldHaveSingleItem();
        (lost.What, lost.Position, lost.Issues[0].Code).ShouldBe(("Model fraud version 1", appended.Position, "version-taken"));
        (await bench.SendAsync(Register(FakeModels.Model(3, variant: 1)))).Version.Version.ShouldBe(2);
    }

    private static async Task<DefinitionBench> WithFamilyAsync()
    {
        var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        return bench;
    }

    private static RegisterModel Register(ReadOnlyMemory<byte> onnx) => new("fraud") { Onnx = onnx, By = "ada" };

    private static PromoteModel Promote(int version) => new("fraud", version) { By = "grace", Why = "better" };
}
