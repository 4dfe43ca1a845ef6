using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Specs;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Contracts;

public sealed class BuiltInContractTests
{
    private static readonly Instant Now = Instant.Parse("2027-01-01T00:00:00Z");

    [Fact]
    public void A_version_means_one_thing_for_ever() => BuiltInContracts.All.Select(contract => $"{contract.Name} {contract.FullVersion} {contract.Digest[..16]}").ShouldBe([
        "eventfeatures.prediction 1.0.0 f40564ac7e85fd85",
        "eventfeatures.outcome 1.0.0 4b156b03b7de4c06"]);

    [Fact]
    public void Every_prediction_that_was_ever_written_keeps_the_contract()
    {
        var golden = File.ReadAllBytes(Path.Combine(RepositoryFolder.Path, "tests", "EventFeatures.UnitTests", "Predictions", "golden", "prediction-made-1.json"));
        var check = Check("eventfeatures.prediction/1", PredictionMade.Type, golden);
        check.Violation.ShouldBeNull();
        var made = PredictionJson.Read(golden);
        (check.OccurredAt, check.Values["request.model"], check.Values["score"]).ShouldBe((made.AsOf, Value.Of(made.Request.Model), Value.Of(made.Score)));
        check.Values["request.entities"].Members.Keys.ShouldBe(made.Request.Entities.Keys, ignoreOrder: true);
    }

    [Fact]
    public void An_outcome_keeps_its_contract_with_and_without_its_prediction()
    {
        var outcome = new OutcomeRecorded("p-1", "o-1", 1, Now, "disputes");
        var golden = PredictionJson.Read(File.ReadAllBytes(Path.Combine(RepositoryFolder.Path, "tests", "EventFeatures.UnitTests", "Predictions", "golden", "prediction-made-1.json")));
        var check = Check("eventfeatures.outcome/1", OutcomeRecorded.Type, OutcomeJson.Write(outcome, golden, isCorrection: true));
        check.Violation.ShouldBeNull();
        (check.OccurredAt, check.Values["value"], check.Values["correction"], check.Values["request.model"], check.Values["score"])
            .ShouldBe((Now, Value.Of(1.0), Value.Of(true), Value.Of(golden.Request.Model), Value.Of(golden.Score)));
        Check("eventfeatures.outcome/1", OutcomeRecorded.Type, OutcomeJson.Write(outcome, null, isCorrection: false)).Violation.ShouldBeNull();
        // As outcomes were written before they told anything of their predictions.
        Check("eventfeatures.outcome/1", OutcomeRecorded.Type, Encoding.UTF8.GetBytes("""{"predictionId":"p","outcomeId":"o","value":0,"occurredAt":"2026-01-01T00:00:00Z"}""")).Violation.ShouldBeNull();
    }

    [Theory]
    [InlineData("id: payments.authorisation\nname: payments.authorisation", "id: eventfeatures.mine", "'eventfeatures.mine' starts with 'eventfeatures.', as only the system's own contracts do.")]
    [InlineData("value: card }", "value: prediction }", "Views read predictions and outcomes by the contracts eventfeatures.prediction/1 and eventfeatures.outcome/1.")]
    public async Task Nobody_else_may_speak_for_the_systems_own_events(string part, string replacement, string message)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Contract.With(part, replacement))).ShouldHaveSingleItem().ShouldContain(message);
    }

    private static ContractCheck Check(string contract, string type, byte[] data) =>
        ContractReader.Check(BuiltInContracts.Current[contract], type, data, new EventMetadata().ToJson(), Now);
}
