using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Specs.Running;
using EventFeatures.Testing.Gherkin;
using Shouldly;

namespace EventFeatures.Specs.Predictions;

/// <summary>What an auditor asks of a decision.</summary>
[Binding]
public sealed class ReplaySteps(Office office, Decisions decisions)
{
    private readonly Audit.AuditClient _audit = new(office.Channel);
    private IReadOnlyList<ReplayResponse> _answers = [];

    [When("the auditor asks for a replay of the decision {string}")]
    public async Task WhenReplayed(string name) => await ReplayAsync(office.Decision(name));

    [When("the auditor asks for a replay of that decision")]
    public async Task WhenReplayed() => await ReplayAsync(decisions.Last.PredictionId);

    [Then("the replay says {string}")]
    public async Task ThenReplaySays(string verdict)
    {
        var result = _answers.Single(answer => answer.ReportCase == ReplayResponse.ReportOneofCase.Result).Result;
        result.Verdict.ShouldBe(verdict, result.Detail);
        result.Divergences.ShouldBeEmpty();
        _answers[^1].Summary.Reproduced.ShouldBe(1);
        // The verdict is itself a fact of the record.
        (await office.EventTypesAsync($"prediction-{decisions.Last.PredictionId}")).ShouldBe(["PredictionMade", "PredictionReplayed"]);
    }

    [Then("the lineage of {string} names the payments of {word}")]
    public async Task ThenLineageNames(string feature, Instant occurredAt)
    {
        var events = (await LineageAsync()).Features.Single(lineage => lineage.Name == feature).Events;

        events.Select(@event => @event.OccurredAt).ShouldBe([occurredAt.ToString()]);
        events.ShouldAllBe(@event => @event.Stream == $"card-{decisions.Last.Entities["card"]}" && @event.Position <= decisions.Last.Position);
    }

    [Then("the lineage names the champion's bytes, the feature service, the view and the contract by their digests")]
    public async Task ThenLineageNamesDigests()
    {
        var lineage = await LineageAsync();
        var ofView = lineage.Features.Where(feature => feature.View.Length > 0).ToList();
        ofView.ShouldNotBeEmpty();
        string[] digests = [lineage.ModelDigest, lineage.ServiceDigest, .. ofView.SelectMany(feature => (string[])[feature.ViewDigest, feature.ContractDigest])];

        lineage.ModelDigest.ShouldBe(decisions.Last.ModelDigest);
        digests.ShouldAllBe(digest => digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower));
    }

    private async Task<LineageResponse> LineageAsync() => await _audit.LineageAsync(new LineageRequest { PredictionId = decisions.Last.PredictionId });

    private async Task ReplayAsync(string predictionId) =>
        _answers = await office.AskAsync(_audit.Replay(new ReplayRequest { PredictionIds = { predictionId } }));
}
