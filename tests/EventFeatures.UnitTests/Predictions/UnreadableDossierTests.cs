using System.Text;
using EventFeatures.Application.Outcomes;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>Any client of the log can append to any stream; what is no prediction or outcome there must not take the others' answers away.</summary>
public sealed class UnreadableDossierTests : IDisposable
{
    private static readonly Guid Paid = Guid.NewGuid();

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public async Task The_newest_predictions_are_listed_without_it()
    {
        await using var bench = await StartAsync();
        var page = await bench.SendAsync(new ListPredictions());
        page.Items.Select(entry => entry.Made.PredictionId).ShouldBe(["good"]);
        page.Unreadable.ShouldBe(new UnreadableDossiers(1, PositionOfBad(bench)));
    }

    [Fact]
    public async Task A_models_performance_is_told_without_it()
    {
        await using var bench = await StartAsync();
        await bench.SendAsync(new RecordOutcome("good", 1, PredictionBench.Noon));
        await AppendAsync(bench, "prediction-good", OutcomeRecorded.Type);

        var performance = await bench.SendAsync(new EvaluateModel("fraud"));

        performance.Unreadable.ShouldBe(new UnreadableDossiers(2, PositionOfBad(bench)));
        var version = performance.Versions.ShouldHaveSingleItem();
        (version.Predictions, version.Positives).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_score_that_is_no_probability_is_not_measured()
    {
        await using var bench = await StartAsync();
        await bench.SendAsync(new RecordOutcome("good", 1, PredictionBench.Noon));
        var good = bench.Log.Events.Single(recorded => recorded.StreamId == "prediction-good" && recorded.Type == PredictionMade.Type);
        var score = PredictionJson.Read(good.Data).Score;
        var json = Encoding.UTF8.GetString(good.Data.Span).Replace($"\"score\":{score:R}", "\"score\":1.5", StringComparison.Ordinal);
        json.ShouldContain("1.5");
        await bench.Log.AppendToStreamAsync("prediction-odd", StreamState.Any, [new EventData(Guid.NewGuid(), PredictionMade.Type, Encoding.UTF8.GetBytes(json))]);
        await bench.Log.AppendToStreamAsync("prediction-odd", StreamState.Any, [
            new EventData(Guid.NewGuid(), OutcomeRecorded.Type, bench.Log.Events.Last(recorded => recorded.Type == OutcomeRecorded.Type).Data)]);

        var performance = await bench.SendAsync(new EvaluateModel("fraud"));

        performance.Unreadable.ShouldBe(new UnreadableDossiers(2, PositionOfBad(bench)));
        performance.Versions.ShouldHaveSingleItem().WithOutcome.ShouldBe(1);
    }

    [Fact]
    public async Task A_spine_of_predictions_has_the_others()
    {
        await using var bench = await StartAsync();
        await bench.SendAsync(new RecordOutcome("good", 1, PredictionBench.Noon));
        await AppendAsync(bench, "prediction-good", OutcomeRecorded.Type);

        var built = await bench.SendAsync(new BuildTrainingSet("fraud", Path.Combine(_folder, "set")) { FromPredictionsOf = "fraud" });

        (built.Rows, built.Labelled).ShouldBe((1, 1));
        built.Unreadable.ShouldBe(new UnreadableDossiers(2, PositionOfBad(bench)));
    }

    [Fact]
    public async Task An_events_lineage_counts_it_as_not_traced()
    {
        await using var bench = await StartAsync();
        var lineage = await bench.SendAsync(new GetEventLineage(Paid));
        lineage.Predictions.ShouldHaveSingleItem().PredictionId.ShouldBe("good");
        (lineage.PredictionCount, lineage.NotTraced).ShouldBe((1, 1));
    }

    [Fact]
    public async Task An_outcome_is_recorded_beside_one_that_cannot_be_read()
    {
        await using var bench = await StartAsync();
        await AppendAsync(bench, "prediction-good", OutcomeRecorded.Type);
        var report = new RecordOutcome("good", 1, PredictionBench.Noon) { OutcomeId = "a" };
        var first = await bench.SendAsync(report);
        (await bench.SendAsync(report)).ShouldBe(first);
    }

    [Fact]
    public async Task Asked_for_itself_it_is_refused_with_its_place()
    {
        await using var bench = await StartAsync();
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new GetPrediction("bad")));
        refused.Code.ShouldBe("dossier-unreadable");
        refused.Detail.ShouldContain($"position {PositionOfBad(bench)}");
    }

    [Theory]
    [InlineData(OutcomeRecorded.Type)]
    [InlineData(ReplayVerdictJson.Type)]
    public async Task A_dossier_with_a_part_that_cannot_be_read_is_refused_rather_than_told_in_part(string type)
    {
        await using var bench = await StartAsync();
        await AppendAsync(bench, "prediction-good", type);
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new GetPrediction("good")))).Code.ShouldBe("dossier-unreadable");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A prediction that rests on a payment, and beside it an event that is none.</summary>
    private static async Task<PredictionBench> StartAsync()
    {
        var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        await bench.PayAsync("a", 10m, -50, Paid);
        await AppendAsync(bench, "prediction-bad", PredictionMade.Type);
        await bench.PredictAsync("a", "good", asOf: PredictionBench.At(-30));
        return bench;
    }

    private static Position PositionOfBad(PredictionBench bench) => bench.Log.Events.Single(recorded => recorded.StreamId == "prediction-bad").Position;

    private static Task<AppendResult> AppendAsync(PredictionBench bench, string stream, string type) =>
        bench.Log.AppendToStreamAsync(stream, StreamState.Any, [new EventData(Guid.NewGuid(), type, "{}"u8.ToArray())]);
}
