using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Outcomes;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>Predictions and outcomes are sources like any other, also of views that predictions read.</summary>
public sealed class FeedbackViewTests
{
    private const string History = """
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: card_decisions
        version: 1
        entity: card
        sources:
          - { contract: eventfeatures.prediction/1, key: [request.entities.card], where: "request.model == 'fraud'" }
          - { contract: eventfeatures.outcome/1, key: [request.entities.card], where: "correction is null or not correction" }
        features:
          - { name: decisions, aggregate: count, where: "event_type == 'PredictionMade'" }
          - { name: mean_score, aggregate: mean, of: score, where: "event_type == 'PredictionMade'" }
          - { name: frauds, aggregate: sum, of: value }
        """;

    private const string Quality = """
        apiVersion: eventfeatures/v1
        kind: Entity
        name: model
        keys: [ { name: model, type: string } ]
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: model_quality
        version: 1
        entity: model
        source: { contract: eventfeatures.outcome/1, key: [request.model] }
        features:
          - { name: outcomes, aggregate: count }
          - { name: brier, aggregate: mean, of: "(score - value) * (score - value)" }
          - { name: last_version, aggregate: last, of: model.version }
        """;

    private const string Service = """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: fraud
        version: 1
        context: [ { name: amount, type: number } ]
        features:
          - { feature: card_decisions__decisions, missing: { default: 0 } }
          - { feature: card_decisions__mean_score, missing: { default: 0 } }
          - { feature: card_decisions__frauds, missing: { default: 0 } }
        """;

    private static readonly string[] Definitions = [Yaml.Contract, Yaml.Entity, History, Quality, Service, Yaml.Model];

    [Fact]
    public async Task A_prediction_reads_the_predictions_before_it_and_is_reproduced()
    {
        await using var bench = await PredictionBench.StartAsync(Definitions, [0.5f, 1f, -0.5f]);
        var answers = new List<PredictionMade>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add((await bench.PredictAsync("a", $"p-{i}")).Made);
            if (i % 2 == 0) await bench.SendAsync(new RecordOutcome($"p-{i}", 1, PredictionBench.Noon));
            await bench.PredictAsync("b", $"q-{i}");
        }

        answers.Select(made => made.Features[0].Value).ShouldBe([Value.Of(0L), Value.Of(1L), Value.Of(2L), Value.Of(3L), Value.Of(4L), Value.Of(5L)]);
        answers[5].Features[2].Value.ShouldBe(Value.Of(3.0));
        answers[5].Features[1].Value.Number.ShouldBe(answers.Take(5).Average(made => made.Score), 1e-12);
        (await (await bench.SendAsync(new ReplayPredictions())).ToListAsync())[^1].Counts.ShouldBe(new ReplayCounts(12, 0, 0, 0));
        var lineage = await bench.SendAsync(new GetLineage("p-5"));
        lineage.Features[2].Events.Select(used => used.EventType).ShouldBe(["OutcomeRecorded", "OutcomeRecorded", "OutcomeRecorded"]);
    }

    [Fact]
    public async Task A_models_quality_is_a_view_of_its_outcomes()
    {
        await using var bench = await PredictionBench.StartAsync(Definitions, [0.5f, 1f, -0.5f]);
        var first = (await bench.PredictAsync("a", "p-1")).Made;
        var second = (await bench.PredictAsync("b", "p-2")).Made;
        await bench.SendAsync(new RecordOutcome("p-1", 1, PredictionBench.Noon));
        await bench.SendAsync(new RecordOutcome("p-2", 0, PredictionBench.Noon));

        var answer = await bench.SendAsync(new GetFeatures(new Dictionary<string, string> { ["model"] = "fraud" }) { Views = ["model_quality"], AsOf = PredictionBench.Noon });

        answer.Features[0].Value.ShouldBe(Value.Of(2L));
        answer.Features[1].Value.Number.ShouldBe((((first.Score - 1) * (first.Score - 1)) + (second.Score * second.Score)) / 2, 1e-15);
        answer.Features[2].Value.ShouldBe(Value.Of(1L));
    }

    [Fact]
    public async Task A_correction_says_that_it_is_one()
    {
        await using var bench = await PredictionBench.StartAsync(Definitions, [0.5f, 1f, -0.5f]);
        await bench.PredictAsync("a", "p-1");
        await bench.SendAsync(new RecordOutcome("p-1", 1, PredictionBench.Noon) { OutcomeId = "x" });
        await bench.SendAsync(new RecordOutcome("p-1", 0, PredictionBench.Noon) { OutcomeId = "y" });
        var answer = await bench.SendAsync(new GetFeatures(new Dictionary<string, string> { ["card"] = "a" }) { Views = ["card_decisions"], AsOf = PredictionBench.Noon });
        answer.Features[2].Value.ShouldBe(Value.Of(1.0));
        bench.Log.Events.Where(recorded => recorded.Type == "OutcomeRecorded").Select(recorded => System.Text.Json.JsonElement.Parse(recorded.Data.Span).GetProperty("correction").GetBoolean()).ShouldBe([false, true]);
    }
}
