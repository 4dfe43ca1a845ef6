using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

public sealed class EventLineageTests
{
    [Fact]
    public async Task An_event_leads_to_the_predictions_and_features_that_rest_on_it_and_to_no_others()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        var id = Guid.NewGuid();
        await bench.PredictAsync("a", "before", asOf: PredictionBench.At(-50));
        await bench.PayAsync("a", 10m, -50, id);
        await bench.PredictAsync("a", "within-an-hour", asOf: PredictionBench.At(-30));
        await bench.PredictAsync("a", "within-a-week", asOf: PredictionBench.At(60));
        await bench.PredictAsync("a", "about-a-time-before-it", asOf: PredictionBench.At(-51));
        await bench.PredictAsync("a", "a-year-later", asOf: PredictionBench.At(366 * 24 * 60));
        await bench.PredictAsync("b", "another-card", asOf: PredictionBench.At(-30));

        var lineage = await bench.SendAsync(new GetEventLineage(id));

        var use = lineage.Uses.ShouldHaveSingleItem();
        ($"{use.View}", use.EntityKey, use.StreamId).ShouldBe(("card_activity@v1", "a", "card-a"));
        lineage.Predictions.Select(touched => (touched.PredictionId, string.Join(' ', touched.Features))).ShouldBe(
            [("within-an-hour", "card_activity__count_1h card_activity__mean_7d"), ("within-a-week", "card_activity__mean_7d")]);
        (lineage.PredictionCount, lineage.NotTraced).ShouldBe((2, 0));
        (await bench.SendAsync(new GetEventLineage(id) { PredictionsMax = 1 })).Predictions.ShouldHaveSingleItem().PredictionId.ShouldBe("within-an-hour");
        foreach (var touched in lineage.Predictions)
            (await bench.SendAsync(new GetLineage(touched.PredictionId))).Features.Where(feature => feature.Events.Any(rested => rested.Reference.EventId == id))
                .Select(feature => feature.Value.Name).ShouldBe(touched.Features, "both directions say the same");
    }

    [Fact]
    public async Task Predictions_of_a_retired_version_are_found_in_the_log_and_both_directions_say_the_same()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        var id = Guid.NewGuid();
        await bench.PayAsync("a", 10m, -50, id);
        await bench.PredictAsync("a", "by-the-first", asOf: PredictionBench.At(-30));
        await bench.PredictAsync("b", "another-card", asOf: PredictionBench.At(-30));
        await bench.ApplyAsync(Yaml.View.With("version: 1", "version: 2"));
        await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada", Force = true });
        await bench.ApplyAsync(Yaml.Service.With("version: 1", "version: 2"));
        await bench.ApplyAsync(Yaml.Model.With("name: fraud", "name: fraud\nversion: 2"));
        await bench.PromoteAsync(0.5f, -0.01f, 0.2f);
        await bench.PredictAsync("a", "by-the-second", asOf: PredictionBench.At(-20));
        await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada" });

        var lineage = await bench.SendAsync(new GetEventLineage(id));

        lineage.Uses.Select(use => $"{use.View} {use.EntityKey}").ShouldBe(["card_activity@v1 a", "card_activity@v2 a"]);
        lineage.Predictions.Select(touched => touched.PredictionId).ShouldBe(["by-the-first", "by-the-second"]);
        (lineage.PredictionCount, lineage.NotTraced).ShouldBe((2, 0));
        foreach (var touched in lineage.Predictions)
            (await bench.SendAsync(new GetLineage(touched.PredictionId))).Features.Where(feature => feature.Events.Any(rested => rested.Reference.EventId == id))
                .Select(feature => feature.Value.Name).ShouldBe(touched.Features, "both directions say the same");
    }

    [Fact]
    public async Task An_event_that_no_view_counts_is_told_to_be_none()
    {
        await using var bench = await PredictionBench.StartAsync();
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new GetEventLineage(Guid.NewGuid())))).Code.ShouldBe("event-use-unknown");
    }

    [Fact]
    public async Task An_event_appended_just_before_is_waited_for()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = Guid.NewGuid();
        bench.Views.Seen = Position.Start;
        await bench.PayAsync("a", 10m, -50, id);
        (await bench.SendAsync(new GetEventLineage(id))).Uses.ShouldHaveSingleItem().EntityKey.ShouldBe("a");
    }

    [Fact]
    public async Task What_is_predicted_after_the_question_is_none_of_its_answer()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        var id = Guid.NewGuid();
        await bench.PayAsync("a", 10m, -50, id);
        bench.Views.Meanwhile = () => bench.PredictAsync("a", "after-the-question", asOf: PredictionBench.At(-30));

        (await bench.SendAsync(new GetEventLineage(id))).PredictionCount.ShouldBe(0);
        (await bench.SendAsync(new GetEventLineage(id))).PredictionCount.ShouldBe(1);
    }
}
