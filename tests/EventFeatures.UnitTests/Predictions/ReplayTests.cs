using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Pipeline;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

public sealed class ReplayTests
{
    private static readonly float[] Weights = [0.5f, -0.01f, 0.2f];

    [Fact]
    public async Task A_prediction_is_reproduced_though_late_events_and_a_new_champion_came_since()
    {
        await using var bench = await PredictedAsync();
        await bench.PayAsync("4929", 900m, -20);
        await bench.PromoteAsync(-1f, 0f, 0f);
        var verdict = await ReplayAsync(bench, "p-1");
        verdict.Result.ShouldBe(ReplayResult.Reproduced);
        verdict.EventsFolded.ShouldBe(2);
    }

    [Fact]
    public async Task A_prediction_over_a_version_of_a_view_that_was_retired_since_is_reproduced_from_the_log()
    {
        await using var bench = await PredictedAsync();
        await bench.ApplyAsync(Yaml.View.With("version: 1", "version: 2"));
        await bench.ApplyAsync(Yaml.Service.With("version: 1", "version: 2"));
        await bench.ApplyAsync(Yaml.Model.With("name: fraud", "name: fraud\nversion: 2"));
        await bench.PromoteAsync(Weights);
        await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada", Force = true });
        await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada" });

        (await ReplayAsync(bench, "p-1")).Result.ShouldBe(ReplayResult.Reproduced);
        (await bench.SendAsync(new GetLineage("p-1"))).Features[0].Events.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_verdict_by_id_goes_into_the_dossier()
    {
        await using var bench = await PredictedAsync();
        await ReplayAsync(bench, "p-1");
        var dossier = await bench.SendAsync(new GetPrediction("p-1"));
        dossier.Replays.ShouldHaveSingleItem().Verdict.Result.ShouldBe(ReplayResult.Reproduced);
        dossier.Replays[0].By.ShouldBe("auditor");
    }

    [Fact]
    public async Task A_recorded_value_that_the_log_does_not_give_names_the_event_from_which_on_they_part()
    {
        await using var bench = await PredictedAsync();
        var made = PredictionJson.Read(bench.Log.Events[^1].Data);
        var features = made.Features.ToList();
        features[0] = features[0] with { Value = Value.Of(1L), OccurredAt = PredictionBench.At(-30) };
        await ForgeAsync(bench, made with { PredictionId = "forged", Features = features });

        var verdict = await ReplayAsync(bench, "forged");

        verdict.Result.ShouldBe(ReplayResult.Diverged);
        verdict.Code.ShouldBe("feature-differs");
        var difference = verdict.Differences.ShouldHaveSingleItem();
        difference.What.ShouldBe("card_activity__count_1h");
        difference.FromEvent!.Revision.ShouldBe(1);
        difference.FromEvent.StreamId.ShouldBe("card-4929");
    }

    [Fact]
    public async Task A_number_that_differs_tells_by_how_many_units_in_the_last_place()
    {
        await using var bench = await PredictedAsync();
        var made = PredictionJson.Read(bench.Log.Events[^1].Data);
        var features = made.Features.ToList();
        features[2] = features[2] with { Value = Value.Of(Math.BitIncrement(features[2].Value.Number)) };
        await ForgeAsync(bench, made with { PredictionId = "forged", Features = features });
        (await ReplayAsync(bench, "forged")).Differences.ShouldHaveSingleItem().UlpDistance.ShouldBe(1ul);
    }

    [Fact]
    public async Task A_forged_score_diverges()
    {
        await using var bench = await PredictedAsync();
        var made = PredictionJson.Read(bench.Log.Events[^1].Data);
        await ForgeAsync(bench, made with { PredictionId = "forged", Output = MathF.BitIncrement(made.Output!.Value) });
        var verdict = await ReplayAsync(bench, "forged");
        verdict.Code.ShouldBe("output-differs");
        verdict.Differences.ShouldHaveSingleItem().UlpDistance.ShouldBe(1ul);
    }

    [Fact]
    public async Task Another_runtime_makes_scores_not_comparable_and_tells_the_distance()
    {
        await using var bench = await PredictedAsync();
        bench.Models.Runtime = "fake-2";
        bench.Models.Drift = 1e-7f;
        var verdict = await ReplayAsync(bench, "p-1");
        verdict.Result.ShouldBe(ReplayResult.NotComparable);
        verdict.Differences.ShouldHaveSingleItem().UlpDistance!.Value.ShouldBeInRange(1ul, 4ul);
    }

    [Fact]
    public async Task The_same_runtime_with_other_bits_diverges()
    {
        await using var bench = await PredictedAsync();
        bench.Models.Drift = 1e-7f;
        (await ReplayAsync(bench, "p-1")).Code.ShouldBe("output-differs");
    }

    [Fact]
    public async Task A_lost_model_makes_it_unreproducible_and_says_so()
    {
        await using var bench = await PredictedAsync();
        bench.Models.Lose();
        var verdict = await ReplayAsync(bench, "p-1");
        verdict.Result.ShouldBe(ReplayResult.Unreproducible);
        verdict.Code.ShouldBe("model-unavailable");
    }

    [Fact]
    public async Task A_history_that_retention_took_or_somebody_deleted_makes_it_unreproducible()
    {
        await using var bench = await PredictedAsync();
        bench.Log.Truncate("card-4929", 1);
        var truncated = await ReplayAsync(bench, "p-1");
        (truncated.Result, truncated.Code).ShouldBe((ReplayResult.Unreproducible, "retention"));
        bench.Log.Tombstone("card-4929");
        var deleted = await ReplayAsync(bench, "p-1");
        (deleted.Result, deleted.Code).ShouldBe((ReplayResult.Unreproducible, "history-deleted"));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("emptied")]
    [InlineData("emptied and shown again")]
    public async Task A_stream_of_which_nothing_can_be_read_is_no_divergence(string how)
    {
        await using var bench = await PredictedAsync();
        if (how == "deleted") await bench.Log.DeleteStreamAsync("card-4929", StreamState.Any);
        else await bench.Log.SetStreamMetadataAsync("card-4929", StreamState.NoStream, new StreamMetadata { TruncateBefore = 2 });
        if (how == "emptied and shown again")
        {
            bench.Log.Truncate("card-4929", 2);
            await bench.Log.SetStreamMetadataAsync("card-4929", StreamState.Any, StreamMetadata.None);
        }

        var verdict = await ReplayAsync(bench, "p-1");

        (verdict.Result, verdict.Code).ShouldBe((ReplayResult.Unreproducible, "retention"));
    }

    [Fact]
    public async Task A_prediction_of_an_entity_that_never_had_an_event_is_reproduced()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("new", "p-new");

        (await ReplayAsync(bench, "p-new")).Result.ShouldBe(ReplayResult.Reproduced);
    }

    [Fact]
    public async Task A_prediction_of_another_definition_is_unreproducible()
    {
        await using var bench = await PredictedAsync();
        var made = PredictionJson.Read(bench.Log.Events[^1].Data);
        await ForgeAsync(bench, made with { PredictionId = "other-service", ServiceDigest = "00" });
        await ForgeAsync(bench, made with { PredictionId = "other-view", Views = [made.Views[0] with { Digest = "00" }] });
        (await ReplayAsync(bench, "other-service")).Code.ShouldBe("service-changed");
        (await ReplayAsync(bench, "other-view")).Code.ShouldBe("view-changed");
    }

    [Fact]
    public async Task A_prediction_made_through_an_older_minor_of_its_contract_is_reproduced()
    {
        await using var bench = await PredictedAsync();
        await bench.ApplyAsync(Yaml.Contract.With("version: 1.0.0", "version: 1.1.0").With("enum: [FR, NO]", "enum: [FR, NO, ES]"));
        (await ReplayAsync(bench, "p-1")).Result.ShouldBe(ReplayResult.Reproduced);
    }

    [Fact]
    public async Task A_fallback_is_reproduced_by_its_vector_and_constant()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("4929", 20m, -30);
        await bench.PredictAsync("4929", "p-1");
        var verdict = await ReplayAsync(bench, "p-1");
        verdict.Result.ShouldBe(ReplayResult.Reproduced);
        verdict.Code.ShouldBe("fallback");
    }

    [Fact]
    public async Task All_predictions_are_replayed_and_counted_and_only_news_is_told()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        for (var i = 0; i < 60; i++)
        {
            await bench.PayAsync($"c{i % 7}", 10m + i, (i * 3) - 180);
            await bench.PredictAsync($"c{i % 7}", $"p-{i}", amount: i, asOf: PredictionBench.At((i * 3) - 180));
        }
        var made = PredictionJson.Read(bench.Log.Events[^1].Data);
        await ForgeAsync(bench, made with { PredictionId = "forged", Output = 0.25f });

        var updates = await (await bench.SendAsync(new ReplayPredictions { Parallelism = 4 })).ToListAsync();

        updates[^1].Finished.ShouldBeTrue();
        updates[^1].Counts.ShouldBe(new ReplayCounts(60, 1, 0, 0));
        updates[^1].Total.ShouldBe(61);
        updates.Where(update => update.Verdict is not null).ShouldHaveSingleItem().Verdict!.PredictionId.ShouldBe("forged");
        bench.Log.Events.ShouldNotContain(recorded => recorded.Type == ReplayVerdictJson.Type);
    }

    [Fact]
    public async Task An_unknown_prediction_is_refused_and_leaving_early_stops_the_work()
    {
        await using var bench = await PredictedAsync();
        await Should.ThrowAsync<RefusedException>(() => ReplayAsync(bench, "p-404"));
        await foreach (var update in await bench.SendAsync(new ReplayPredictions { PredictionIds = ["p-1", "p-1", "p-1"], Record = false }))
            if (update.Counts.Done == 1) break;
    }

    [Fact]
    public async Task Lineage_goes_down_to_events_definitions_and_bytes()
    {
        await using var bench = await PredictedAsync();
        await bench.PayAsync("4929", 900m, -20);
        var lineage = await bench.SendAsync(new GetLineage("p-1"));
        lineage.Features[0].Events.Select(used => used.Reference.Revision).ShouldBe([0, 1]);
        lineage.Features[0].Events[0].Reference.EventId.ShouldBe(bench.Log.Events.First(recorded => recorded.StreamId == "card-4929").EventId);
        lineage.Features[2].Expression.ShouldBe("amount / card_activity__mean_7d");
        lineage.Features[2].DependsOn.ShouldBe(["amount", "card_activity__mean_7d"]);
        lineage.Views.ShouldHaveSingleItem().Digest.ShouldBe(bench.Registry.Current.Views.Values.Single().View.Digest);
        lineage.Model!.Digest.ShouldBe(bench.Registry.Current.Models["fraud"].Champion!.Digest);
    }

    [Fact]
    public async Task Of_a_lineage_the_newest_events_are_named_up_to_a_bound_and_all_are_counted()
    {
        await using var bench = await PredictedAsync();
        var all = (await bench.SendAsync(new GetLineage("p-1"))).Features;
        var bounded = (await bench.SendAsync(new GetLineage("p-1") { EventsMax = 1 })).Features;

        all.Select(feature => (feature.EventCount, feature.Events.Count)).ShouldBe([(2, 2), (2, 2), (0, 0)]);
        bounded.Select(feature => feature.EventCount).ShouldBe([2, 2, 0]);
        bounded[0].Events.ShouldBe([all[0].Events[1]]);
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new GetLineage("p-1") { EventsMax = 10_001 }))).Message.ShouldContain("1 to 10,000");
    }

    [Fact]
    public async Task Predictions_are_listed_newest_first_page_by_page()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        for (var i = 0; i < 5; i++) await bench.PredictAsync("4929", $"p-{i}");
        var first = await bench.SendAsync(new ListPredictions { CountMax = 3 });
        first.Items.Select(entry => entry.Made.PredictionId).ShouldBe(["p-4", "p-3", "p-2"]);
        var rest = await bench.SendAsync(new ListPredictions { CountMax = 3, Before = first.Next });
        rest.Items.Select(entry => entry.Made.PredictionId).ShouldBe(["p-1", "p-0"]);
        rest.Next.ShouldBeNull();
    }

    private static async Task<PredictionBench> PredictedAsync()
    {
        var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        await bench.PayAsync("4929", 40m, -10);
        await bench.PredictAsync("4929", "p-1", amount: 15);
        return bench;
    }

    private static Task ForgeAsync(PredictionBench bench, PredictionMade made) => bench.Log.AppendToStreamAsync(
        PredictionMade.StreamOf(made.PredictionId), StreamState.NoStream, [new EventData(Guid.NewGuid(), PredictionMade.Type, PredictionJson.Write(made))]);

    private static async Task<ReplayVerdict> ReplayAsync(PredictionBench bench, string id)
    {
        var updates = await bench.SendAsync(new ReplayPredictions { PredictionIds = [id], By = "auditor" });
        return (await updates.Where(update => update.Verdict is not null).ToListAsync()).ShouldHaveSingleItem().Verdict!;
    }
}
