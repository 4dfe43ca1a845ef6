using EventFeatures.Application.TrainingSets.Consistency;
using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

public sealed class ConsistencyTests
{
    [Fact]
    public async Task What_was_served_is_what_the_batch_path_gives_with_late_events_and_unseen_entities()
    {
        await using var bench = await StartAsync();
        var report = await bench.SendAsync(new CheckConsistency("fraud"));
        report.Mismatches.ShouldBeEmpty();
        report.Served.ShouldBe(new PathCounts(40, 120, 0));
        report.Online.ShouldBe(new PathCounts(5, 10, 0));
        (report.WithoutFeatures, report.NotComparable.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task One_recorded_value_that_was_altered_is_named_with_its_prediction_and_both_values()
    {
        await using var bench = await StartAsync();
        var made = PredictionJson.Read(bench.Log.Events.Last(recorded => recorded.Type == PredictionMade.Type).Data);
        var altered = made with { PredictionId = "altered", Features = [made.Features[0], made.Features[1] with { Value = Value.Of(-1.5) }, made.Features[2]] };
        await bench.Log.AppendToStreamAsync("prediction-altered", StreamState.NoStream, [new EventData(Guid.NewGuid(), PredictionMade.Type, PredictionJson.Write(altered))]);

        var report = await bench.SendAsync(new CheckConsistency("fraud@v1"));

        var mismatch = report.Mismatches.ShouldHaveSingleItem();
        (mismatch.Path, mismatch.Feature, mismatch.Count).ShouldBe(("served", "card_activity__mean_7d", 1));
        mismatch.Example.ShouldContain("prediction altered as of ");
        mismatch.Example.ShouldContain("was served -1.5 PRESENT");
        mismatch.Example.ShouldContain($"the batch path gives {made.Features[1].Value}");
        report.Served.ShouldBe(new PathCounts(41, 123, 1));
    }

    [Fact]
    public async Task An_online_state_that_cannot_be_read_is_named_and_keeps_no_other_from_being_compared()
    {
        await using var bench = await StartAsync();
        bench.Views.Damaged.Add("c1");

        var report = await bench.SendAsync(new CheckConsistency("fraud"));

        var mismatch = report.Mismatches.ShouldHaveSingleItem();
        (mismatch.Path, mismatch.Feature, mismatch.Count).ShouldBe(("online", "card_activity", 1));
        mismatch.Example.ShouldContain("card_activity@v1 of c1 cannot be read: ");
        report.Online.ShouldBe(new PathCounts(5, 8, 1));
    }

    [Fact]
    public async Task A_period_bounds_what_is_compared()
    {
        await using var bench = await StartAsync();
        var report = await bench.SendAsync(new CheckConsistency("fraud") { From = PredictionBench.At(-70), To = PredictionBench.At(-61) });
        report.Served.Vectors.ShouldBe(10);
        report.Online.Vectors.ShouldBe(5);
        (await bench.SendAsync(new CheckConsistency("fraud") { From = PredictionBench.At(1_000) })).Online.Vectors.ShouldBe(0);
    }

    private static async Task<PredictionBench> StartAsync()
    {
        var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        for (var i = 0; i < 40; i++)
        {
            await bench.PayAsync($"c{i % 5}", 10m + i, i - 100, recordedMinutes: i % 3 == 0 ? 1_000 : null);
            await bench.PredictAsync($"c{i % 6}", $"p-{i}", amount: i, asOf: PredictionBench.At(i - 100));
        }
        return bench;
    }
}
