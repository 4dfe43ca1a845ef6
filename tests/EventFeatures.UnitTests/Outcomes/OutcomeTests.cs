using EventFeatures.Application.Outcomes;
using EventFeatures.Application.Pipeline;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Outcomes;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Outcomes;

public sealed class OutcomeTests
{
    private static readonly float[] Weights = [0.5f, -0.01f, 0.2f];

    [Fact]
    public async Task An_outcome_joins_the_predictions_dossier_and_reporting_it_twice_is_one()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("4929", "p-1");
        var report = new RecordOutcome("p-1", 1, PredictionBench.At(60)) { OutcomeId = "chargeback-7", By = "disputes" };
        var first = await bench.SendAsync(report);
        (await bench.SendAsync(report)).ShouldBe(first);
        var dossier = await bench.SendAsync(new GetPrediction("p-1"));
        dossier.Outcome!.Outcome.ShouldBe(new OutcomeRecorded("p-1", "chargeback-7", 1, PredictionBench.At(60), "disputes"));
        dossier.Outcomes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_correction_counts_and_what_it_corrects_stays()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("4929", "p-1");
        await bench.SendAsync(new RecordOutcome("p-1", 1, PredictionBench.At(60)) { OutcomeId = "a" });
        await bench.SendAsync(new RecordOutcome("p-1", 0, PredictionBench.At(90)) { OutcomeId = "b" });
        var dossier = await bench.SendAsync(new GetPrediction("p-1"));
        dossier.Outcomes.Select(outcome => outcome.Outcome.Value).ShouldBe([1, 0]);
        dossier.Outcome!.Outcome.Value.ShouldBe(0);
    }

    [Fact]
    public async Task An_id_cannot_report_something_else()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("4929", "p-1");
        await bench.SendAsync(new RecordOutcome("p-1", 1, PredictionBench.At(60)) { OutcomeId = "a" });
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new RecordOutcome("p-1", 0, PredictionBench.At(60)) { OutcomeId = "a" }))).Code.ShouldBe("outcome-id-reused");
    }

    [Fact]
    public async Task A_report_without_a_time_can_be_repeated_at_any_time()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("4929", "p-1");
        var report = new RecordOutcome("p-1", 1, null) { OutcomeId = "a" };
        var first = await bench.SendAsync(report);
        bench.Clock.Advance(TimeSpan.FromSeconds(30));

        (await bench.SendAsync(report)).ShouldBe(first);

        var outcome = (await bench.SendAsync(new GetPrediction("p-1"))).Outcomes.ShouldHaveSingleItem().Outcome;
        outcome.OccurredAt.ShouldBe(PredictionBench.Noon);
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(report with { Value = 0 }))).Code.ShouldBe("outcome-id-reused");
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(report with { OccurredAt = PredictionBench.At(1) }))).Code.ShouldBe("outcome-id-reused");
    }

    [Fact]
    public async Task An_outcome_needs_a_prediction_and_a_number()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new RecordOutcome("p-404", 1, PredictionBench.Noon)))).Code.ShouldBe("prediction-unknown");
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new RecordOutcome("p-1", double.NaN, PredictionBench.Noon)))).Failures.ShouldHaveSingleItem().Field.ShouldBe("value");
    }

    [Fact]
    public async Task Reports_that_race_are_all_recorded()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("4929", "p-1");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() =>
            bench.SendAsync(new RecordOutcome("p-1", i % 2, PredictionBench.At(i)) { OutcomeId = $"o-{i}" }))));
        (await bench.SendAsync(new GetPrediction("p-1"))).Outcomes.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_models_performance_is_told_by_version_over_known_outcomes()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0f, 0f, 1f]);
        await bench.PayAsync("4929", 10m, -30);
        for (var i = 0; i < 8; i++)
        {
            await bench.PredictAsync("4929", $"p-{i}", amount: i < 4 ? -40 : 40);
            if (i < 6) await bench.SendAsync(new RecordOutcome($"p-{i}", i < 4 ? 0 : 1, PredictionBench.At(i)));
        }
        var performance = await bench.SendAsync(new EvaluateModel("fraud"));
        var version = performance.Versions.ShouldHaveSingleItem();
        (version.Predictions, version.WithOutcome, version.Positives).ShouldBe((8, 6, 2));
        version.Accuracy.ShouldBe(1);
        version.Auc.ShouldBe(1);
        version.CalibrationError!.Value.ShouldBeInRange(0, 0.05);
    }
}
