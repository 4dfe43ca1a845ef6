using EventFeatures.Application.Pipeline;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

public sealed class PredictTests
{
    private static readonly float[] Weights = [0.5f, -0.01f, 0.2f];

    [Fact]
    public async Task A_prediction_is_in_the_log_before_it_is_answered_and_holds_what_it_rests_on()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        var last = await bench.PayAsync("4929", 40m, -10);

        var answer = await bench.PredictAsync("4929", "p-1", amount: 15);

        var recorded = bench.Log.Events[^1];
        recorded.StreamId.ShouldBe("prediction-p-1");
        recorded.Position.ShouldBe(answer.Position);
        var made = PredictionJson.Read(recorded.Data);
        PredictionJson.Write(made).ShouldBe(PredictionJson.Write(answer.Made));
        made.Features.Select(feature => feature.Value.ToString()).ShouldBe(["2", "30", "0.5"]);
        made.Features[0].FreshnessAt(made.AsOf).ShouldBe(Duration.Parse("10m"));
        made.Views.ShouldHaveSingleItem().KnownAt.ShouldBeGreaterThanOrEqualTo(last.Position!.Value);
        made.Model!.Version.ShouldBe(1);
        made.Route.ShouldBe(PredictionRoute.Champion);
        made.Score.ShouldBe(made.Output!.Value);
        made.Decision.ShouldBe("approve");
        made.Fingerprint!.Runtime.ShouldBe("fake-1");
        made.Latency.Select(stage => stage.Stage).ShouldBe(["read", "load", "score", "explain"]);
        EventMetadata.FromJson(recorded.Metadata).Producer.ShouldBe("payments");
        EventMetadata.FromJson(recorded.Metadata).OccurredAt.ShouldBe(made.AsOf);
    }

    [Fact]
    public async Task Reasons_name_what_moved_the_score_most_first()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        await bench.PayAsync("4929", 40m, -10);
        var made = (await bench.PredictAsync("4929")).Made;
        made.Reasons.Select(reason => reason.Feature).ShouldBe(["card_activity__count_1h", "card_activity__mean_7d", "ratio"]);
        made.Reasons.Select(reason => Math.Sign(reason.ScoreChange)).ShouldBe([1, -1, 1]);
    }

    [Fact]
    public async Task Asking_again_under_the_same_id_gives_the_first_answer_whatever_happened_since()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        var first = await bench.PredictAsync("4929", "p-1");
        await bench.PayAsync("4929", 900m, -5);
        await bench.PromoteAsync(-1f, 0f, 0f);
        bench.Clock.Advance(TimeSpan.FromMinutes(3));

        var again = await bench.PredictAsync("4929", "p-1");

        again.Repeated.ShouldBeTrue();
        again.Position.ShouldBe(first.Position);
        PredictionJson.Write(again.Made).ShouldBe(PredictionJson.Write(first.Made));
        bench.Log.Events.Count(recorded => recorded.Type == PredictionMade.Type).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_callers_with_one_id_all_get_the_one_answer()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => bench.PredictAsync("4929", "p-1"))));
        answers.Count(answer => !answer.Repeated).ShouldBe(1);
        answers.Select(answer => answer.Position).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_id_cannot_be_used_again_for_another_request()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PredictAsync("4929", "p-1");
        (await Should.ThrowAsync<RefusedException>(() => bench.PredictAsync("4929", "p-1", amount: 11))).Code.ShouldBe("prediction-id-reused");
        (await Should.ThrowAsync<RefusedException>(() => bench.PredictAsync("5000", "p-1"))).Code.ShouldBe("prediction-id-reused");
    }

    [Fact]
    public async Task An_entity_without_events_is_predicted_with_explicit_statuses_and_defaults()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        var made = (await bench.PredictAsync("nobody")).Made;
        made.Features.Select(feature => (FeatureValue.Name(feature.Status), feature.Value.ToString(), feature.Defaulted))
            .ShouldBe([("NOT_FOUND", "0", true), ("NOT_FOUND", "null", false), ("NULL", "null", false)]);
        made.Score.ShouldBe(0.5);
    }

    [Fact]
    public async Task A_service_that_insists_on_a_feature_refuses_without_it()
    {
        await using var bench = await PredictionBench.StartAsync([Yaml.Contract, Yaml.Entity, Yaml.View, Yaml.Service, Yaml.Model], Weights);
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.PredictAsync("nobody", "p-1"));
        refused.Code.ShouldBe("feature-missing");
        refused.Detail.ShouldContain("'ratio' has no value (NULL)");
        bench.Log.Events.ShouldNotContain(recorded => recorded.StreamId == "prediction-p-1");
    }

    [Fact]
    public async Task A_view_that_is_down_is_answered_by_the_constant_with_its_reason()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        bench.Views.Fault = new ViewUnavailableException("View card_activity@v1 stopped at position 7.");
        var made = (await bench.PredictAsync("4929")).Made;
        made.Route.ShouldBe(PredictionRoute.Fallback("view-unavailable", "View card_activity@v1 stopped at position 7. The constant is the base rate."));
        made.Score.ShouldBe(0.02);
        made.Decision.ShouldBe("approve");
        made.Output.ShouldBeNull();
        made.Model.ShouldBeNull();
    }

    [Fact]
    public async Task A_view_that_is_too_slow_is_answered_by_the_constant_within_the_budget()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        bench.Views.Hangs = true;
        var asking = bench.PredictAsync("4929");
        await bench.Views.Hanging.Task.WaitAsync(TimeSpan.FromSeconds(20));
        bench.Clock.Advance(new PredictionOptions().LatencyMax);
        (await asking.WaitAsync(TimeSpan.FromSeconds(20))).Made.Route.Code.ShouldBe("latency-exceeded");
    }

    [Fact]
    public async Task A_model_that_is_too_slow_is_answered_by_the_constant_within_the_budget()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        // The budget ends while the model is at work.
        bench.Models.Scoring = ended => EndBudget(bench, ended);
        var made = (await bench.PredictAsync("4929")).Made;
        made.Route.Code.ShouldBe("latency-exceeded");
        made.Features.Count.ShouldBe(3, "what was read is kept");
        made.Output.ShouldBeNull();
    }

    [Fact]
    public async Task A_model_that_is_too_slow_and_has_no_constant_says_so()
    {
        await using var bench = await PredictionBench.StartAsync(
            [Yaml.Contract, Yaml.Entity, Yaml.View, Yaml.Service, Yaml.Model.With("fallback: { score: 0.02, reason: base rate }", "")], Weights);
        await bench.PayAsync("4929", 20m, -30);
        bench.Models.Scoring = ended => EndBudget(bench, ended);
        (await Should.ThrowAsync<TimeoutException>(() => bench.PredictAsync("4929"))).Message.ShouldContain("within the latency budget");
    }

    [Fact]
    public async Task A_retry_for_which_there_is_no_time_gets_what_was_decided_before()
    {
        await using var bench = await PredictionBench.StartAsync(
            [Yaml.Contract, Yaml.Entity, Yaml.View, Yaml.Service, Yaml.Model.With("fallback: { score: 0.02, reason: base rate }", "")], Weights);
        await bench.PayAsync("4929", 20m, -30);
        var first = await bench.PredictAsync("4929", "p-1");
        bench.Models.Scoring = ended => EndBudget(bench, ended);

        var again = await bench.PredictAsync("4929", "p-1");

        (again.Repeated, again.Position).ShouldBe((true, first.Position));
    }

    [Fact]
    public async Task A_model_that_cannot_do_without_a_feature_answers_without_a_reason()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        var score = (await bench.PredictAsync("4929")).Made.Score;
        bench.Models.WithoutFeature = _ => throw new ModelInvalidException("There is no answer without a feature.");
        var failing = (await bench.PredictAsync("4929")).Made;
        bench.Models.WithoutFeature = _ => 1.5f;
        var outside = (await bench.PredictAsync("4929")).Made;

        foreach (var made in new[] { failing, outside })
        {
            (made.Route, made.Score).ShouldBe((PredictionRoute.Champion, score));
            made.Reasons.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_score_that_is_there_in_time_is_the_answer_however_long_its_reasons_take()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        await bench.PayAsync("4929", 20m, -30);
        var scores = 0;
        bench.Models.Scoring = _ =>
        {
            if (++scores == 2) bench.Clock.Advance(new PredictionOptions().LatencyMax);
        };
        var made = (await bench.PredictAsync("4929")).Made;
        made.Route.ShouldBe(PredictionRoute.Champion);
        made.Reasons.ShouldNotBeEmpty();
    }

    private static void EndBudget(PredictionBench bench, CancellationToken ended)
    {
        bench.Clock.Advance(new PredictionOptions().LatencyMax);
        ended.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_model_without_champion_or_without_bytes_falls_back()
    {
        await using var bench = await PredictionBench.StartAsync();
        (await bench.PredictAsync("4929")).Made.Route.Code.ShouldBe("champion-missing");
        await bench.PromoteAsync(Weights);
        bench.Models.Lose();
        var made = (await bench.PredictAsync("4929")).Made;
        made.Route.Code.ShouldBe("model-unavailable");
        made.Features.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Without_a_constant_the_failure_is_the_answer()
    {
        await using var bench = await PredictionBench.StartAsync(
            [Yaml.Contract, Yaml.Entity, Yaml.View, Yaml.Service, Yaml.Model.With("fallback: { score: 0.02, reason: base rate }", "")], Weights);
        bench.Views.Fault = new ViewUnavailableException("The view stopped.");
        await Should.ThrowAsync<ViewUnavailableException>(() => bench.PredictAsync("4929"));
    }

    [Fact]
    public async Task Nothing_is_answered_that_the_log_did_not_take()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        bench.Log.Fault = new LogUnavailableException("The log is away.");
        await Should.ThrowAsync<LogUnavailableException>(() => bench.PredictAsync("4929"));
    }

    [Fact]
    public async Task A_stated_position_asks_what_would_have_been_answered_then()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        var first = await bench.PayAsync("4929", 20m, -30);
        await bench.PayAsync("4929", 40m, -10);
        var made = (await bench.PredictAsync("4929", knownAt: first.Position)).Made;
        made.Features[0].Value.ShouldBe(Value.Of(1L));
        made.Views[0].KnownAt.ShouldBe(first.Position!.Value);
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_told_all_at_once()
    {
        await using var bench = await PredictionBench.StartAsync(champion: Weights);
        var invalid = await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new Predict("", new Dictionary<string, string>()) { PredictionId = "a b" }));
        invalid.Failures.Select(failure => failure.Field).ShouldBe(["model", "predictionId"]);
        var unknown = await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(PredictionBench.Ask("4929") with
        {
            Context = new Dictionary<string, Value> { ["amout"] = Value.Of(1.0), ["amount"] = Value.Of("ten") },
        }));
        unknown.Failures.Select(failure => failure.Field).ShouldBe(["context.amout", "context.amount"]);
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new Predict("froud", new Dictionary<string, string>())))).Code.ShouldBe("model-unknown");
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new Predict("fraud", new Dictionary<string, string>()))))
            .Failures.ShouldHaveSingleItem().Field.ShouldBe("entities");
    }
}
