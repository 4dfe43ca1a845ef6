using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Specs.Running;
using EventFeatures.Testing.Gherkin;

namespace EventFeatures.Specs.Outcomes;

/// <summary>What really happened.</summary>
[Binding]
public sealed class OutcomeSteps(Office office)
{
    private readonly Api.V1.Inference.InferenceClient _inference = new(office.Channel);

    [StepDefinition("{string} is/was reported as fraud under the id {string} at {word}")]
    public Task ReportFraudAsync(string decision, string id, Instant at) => ReportAsync(decision, id, 1, at);

    [StepDefinition("{string} is/was reported as honest under the id {string} at {word}")]
    public Task ReportHonestAsync(string decision, string id, Instant at) => ReportAsync(decision, id, 0, at);

    private async Task ReportAsync(string decision, string id, double label, Instant at) => await office.AskAsync(_inference.RecordOutcomeAsync(new RecordOutcomeRequest
    {
        PredictionId = office.Decision(decision), OutcomeId = office.Outcome(id), Label = label, OccurredAt = at.ToString(), Source = "chargebacks",
    }));
}
