using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Specs.Running;
using EventFeatures.Testing.Gherkin;
using Shouldly;

namespace EventFeatures.Specs.Predictions;

/// <summary>The decisions of one scenario, the last one at hand.</summary>
public sealed class Decisions
{
    public List<Prediction> Made { get; } = [];

    public Prediction Last => Made.Count > 0 ? Made[^1] : throw new InvalidOperationException("No decision was made in this scenario.");
}

/// <summary>Decisions about payments.</summary>
[Binding]
public sealed class DecisionSteps(Office office, Decisions decisions)
{
    private const string Unnamed = "decision";

    private readonly Api.V1.Inference.InferenceClient _inference = new(office.Channel);

    [StepDefinition("a payment of {float} with card {int} is/was scored at {word}")]
    public Task ScoreAsync(double amount, int card, Instant at) => ScoreAsync(Unnamed, amount, card, at);

    [StepDefinition("the payment {string} of {float} with card {int} is/was scored at {word}")]
    public async Task ScoreAsync(string name, double amount, int card, Instant at)
    {
        if (await office.AskAsync(_inference.PredictAsync(Request(name, amount, card, at))) is not { } made) return;
        made.Route.ShouldBe("champion");
        office.Saw(made.Position);
        decisions.Made.Add(made);
    }

    [Then("the decision rested on {int} payment(s)")]
    public void ThenRestedOn(long payments) => PaymentsOf(decisions.Last).ShouldBe(payments);

    [Then("the same payment would now be scored on {int} payment(s)")]
    public async Task ThenNow(long payments)
    {
        var last = decisions.Last;
        var request = Request("now", last.Context["amount"].Number, 0, Instant.Parse(last.AsOf));
        request.Entities["card"] = last.Entities["card"];
        PaymentsOf(await _inference.PredictAsync(request)).ShouldBe(payments);
    }

    [Then("the decision was made by version {int}")]
    public void ThenMadeBy(int version) => decisions.Last.ModelVersion.ShouldBe(version);

    [Then("the answer is the first decision, bit for bit, and says that it is a repeat")]
    public void ThenFirstDecision()
    {
        var (first, last) = (decisions.Made[0], decisions.Last);
        first.RepeatedRequest.ShouldBeFalse();
        last.RepeatedRequest.ShouldBeTrue();
        BitConverter.DoubleToInt64Bits(last.Score).ShouldBe(BitConverter.DoubleToInt64Bits(first.Score));
        last.Position.ShouldBe(first.Position);
        last.Decision.ShouldBe(first.Decision);
        last.Features.ShouldBe(first.Features);
    }

    [Then("the record of {string} holds exactly:")]
    public async Task ThenRecordHolds(string name, DataTable events) =>
        (await office.EventTypesAsync($"prediction-{office.Decision(name)}")).ShouldBe(events.Rows.Select(row => row["event"]));

    private PredictRequest Request(string name, double amount, int card, Instant at) => new()
    {
        Model = office.Model,
        PredictionId = office.Decision(name),
        Entities = { ["card"] = office.Card(card) },
        Context = { ["amount"] = new Value { Number = amount } },
        AsOf = at.ToString(),
        MinPosition = office.Position,
    };

    private static long PaymentsOf(Prediction prediction) =>
        prediction.Features.Single(feature => feature.Name == "card_activity__count_24h").Value.AsObject().ShouldBeOfType<long>();
}
