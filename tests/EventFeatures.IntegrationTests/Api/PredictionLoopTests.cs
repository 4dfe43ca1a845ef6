using EventFeatures.Api.V1;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>Events to features to a model to a prediction to its outcome and its replay, over gRPC alone.</summary>
public sealed class PredictionLoopTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task A_prediction_is_made_explained_and_reproduced()
    {
        var token = await AppendHistoryAsync();
        var trained = await TrainAsync();
        trained.TrainingSet.Leaks.ShouldBe(0);
        trained.TrainingSet.Mismatches.ShouldBe(0);
        trained.TrainingSet.RowsChecked.ShouldBe(trained.TrainingSet.Rows);
        File.Exists(trained.TrainingSet.Path).ShouldBeTrue();
        await payments.System.Registry.PromoteModelAsync(
            new PromoteModelRequest { Model = "fraud", Version = trained.Version.Version, Actor = "risk", Reason = "it is the first" });

        var request = Ask("loop-1", token);
        var made = await payments.System.Inference.PredictAsync(request);
        var again = await payments.System.Inference.PredictAsync(request);

        made.Route.ShouldBe("champion");
        made.ModelDigest.ShouldBe(trained.Version.Digest);
        made.Features.Select(feature => feature.Name).ShouldBe(["card_activity__count_1h", "card_activity__sum_24h", "log_amount"]);
        made.Features[1].Value.Decimal.ShouldBe("107");
        made.RepeatedRequest.ShouldBeFalse();
        again.RepeatedRequest.ShouldBeTrue();
        (again.Score, again.Position).ShouldBe((made.Score, made.Position));

        await payments.System.Inference.RecordOutcomeAsync(
            new RecordOutcomeRequest { PredictionId = "loop-1", Label = 1, OccurredAt = "2026-01-05T00:00:00Z", Source = "chargebacks" });
        var dossier = await payments.System.Inference.GetPredictionAsync(new GetPredictionRequest { PredictionId = "loop-1" });
        dossier.Outcomes.ShouldHaveSingleItem().Source.ShouldBe("chargebacks");
        dossier.Prediction.Score.ShouldBe(made.Score);

        var replay = await ReplayAsync(new ReplayRequest { PredictionIds = { "loop-1" } });
        replay[^1].Summary.ShouldBe(new ReplaySummary { Total = 1, Reproduced = 1 });
        replay.Single(answer => answer.Result is not null).Result.Verdict.ShouldBe("reproduced");

        var lineage = await payments.System.Audit.LineageAsync(new LineageRequest { PredictionId = "loop-1" });
        lineage.ModelDigest.ShouldBe(made.ModelDigest);
        var sum = lineage.Features.Single(feature => feature.Name == "card_activity__sum_24h");
        sum.Events.Count.ShouldBe(2);
        sum.Contract.ShouldBe("payments.authorisation/1");
        sum.ViewDigest.ShouldBe(made.Views.Single().Digest);

        var listed = await payments.System.Audit.ListPredictionsAsync(new ListPredictionsRequest { Model = "fraud", Limit = 1 });
        listed.Predictions.ShouldHaveSingleItem().PredictionId.ShouldBe("loop-1");
        var performance = await payments.System.Inference.EvaluateModelAsync(new EvaluateModelRequest { Model = "fraud" });
        performance.Versions.ShouldHaveSingleItem().WithOutcome.ShouldBe(1);

        await RestartKeepsAll(made, request);
    }

    private async Task RestartKeepsAll(Prediction made, PredictRequest request)
    {
        await payments.System.RestartAsync();

        var kept = await payments.System.Inference.GetPredictionAsync(new GetPredictionRequest { PredictionId = "loop-1" });
        kept.Prediction.Score.ShouldBe(made.Score);
        var repeated = await payments.System.Inference.PredictAsync(request);
        repeated.RepeatedRequest.ShouldBeTrue();
        request.PredictionId = "loop-2";
        var fresh = await payments.System.Inference.PredictAsync(request);
        fresh.Score.ShouldBe(made.Score);
        fresh.Features.ShouldBe(made.Features);
        var replay = await ReplayAsync(new ReplayRequest());
        replay[^1].Summary.ShouldBe(new ReplaySummary { Total = 2, Reproduced = 2 });
    }

    private static PredictRequest Ask(string id, ulong token) => new()
    {
        PredictionId = id,
        Model = "fraud",
        Entities = { ["card"] = "h7" },
        Context = { ["amount"] = new Value { Number = 30 } },
        AsOf = "2026-01-02T11:30:00Z",
        MinPosition = token,
    };

    /// <summary>Forty cards with two payments each; those of even cards are larger.</summary>
    private async Task<ulong> AppendHistoryAsync()
    {
        ulong token = 0;
        for (var card = 0; card < 40; card++)
        {
            var appended = await payments.System.Events.AppendAsync(PaymentsSystem.Payments(
                $"h{card}",
                Known(PaymentsSystem.Payment($"{(card % 2 == 0 ? 500 : 50) + card}", "2026-01-02T10:00:00Z"), "2026-01-02T10:00:01Z"),
                Known(PaymentsSystem.Payment("50", "2026-01-02T11:00:00Z"), "2026-01-02T11:00:01Z")));
            token = Math.Max(token, appended.Position);
        }
        return token;
    }

    private static Event Known(Event payment, string recordedAt)
    {
        payment.RecordedAt = recordedAt;
        return payment;
    }

    private async Task<TrainModelResponse> TrainAsync()
    {
        var request = new TrainModelRequest { Model = "fraud", Actor = "tests" };
        for (var card = 0; card < 40; card++)
            request.Spine.Add(new SpineRow
            {
                Entities = { ["card"] = $"h{card}" },
                Time = $"2026-01-02T11:30:{card:00}Z",
                Context = { ["amount"] = new Value { Number = card } },
                Label = card % 2 == 0 ? 1 : 0,
            });
        return await payments.System.Registry.TrainModelAsync(request);
    }

    private async Task<List<ReplayResponse>> ReplayAsync(ReplayRequest request)
    {
        using var call = payments.System.Audit.Replay(request);
        List<ReplayResponse> all = [];
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) all.Add(call.ResponseStream.Current);
        return all;
    }
}
