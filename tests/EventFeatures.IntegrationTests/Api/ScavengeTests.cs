using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>What a scavenge means to predictions, over the API and the command line.</summary>
public sealed class ScavengeTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task A_prediction_whose_events_were_removed_is_unreproducible_for_retention_and_the_others_are_reproduced()
    {
        await TrainAsync();
        foreach (var card in new[] { "taken", "emptied", "kept" })
        {
            var appended = await payments.System.Events.AppendAsync(PaymentsSystem.Payments(
                card, PaymentsSystem.Payment("10", "2026-01-02T11:00:00Z"), PaymentsSystem.Payment("20", "2026-01-02T11:10:00Z"), PaymentsSystem.Payment("30", "2026-01-02T11:20:00Z")));
            await payments.System.Inference.PredictAsync(new PredictRequest
            {
                PredictionId = "of-" + card, Model = "fraud", Entities = { ["card"] = card }, Context = { ["amount"] = new Value { Number = 30 } },
                AsOf = "2026-01-02T11:30:00Z", MinPosition = appended.Position,
            });
        }
        await payments.System.Log.SetStreamMetadataAsync("card-taken", StreamState.NoStream, new StreamMetadata { MaxCount = 1 });
        await payments.System.Log.DeleteStreamAsync("card-emptied", StreamState.Any);
        await payments.System.Log.SetStreamMetadataAsync("prediction-of-kept", StreamState.NoStream, new StreamMetadata { TruncateBefore = 10 });

        var done = await ScavengeAsync();

        done.EventsRemoved.ShouldBe(5);
        done.StreamsKept.ShouldBe(1, "a dossier keeps everything, whatever its metadata says");
        done.PartsLeft.ShouldBeEmpty();
        // What was removed stays so, whatever the metadata says afterwards.
        await payments.System.Log.SetStreamMetadataAsync("card-taken", StreamState.Any, StreamMetadata.None);
        await payments.System.Log.SetStreamMetadataAsync("card-emptied", StreamState.Any, StreamMetadata.None);
        await payments.System.Log.SetStreamMetadataAsync("prediction-of-kept", StreamState.Any, StreamMetadata.None);
        var verdicts = await ReplayAsync("of-taken", "of-emptied", "of-kept");
        verdicts["of-taken"].ShouldBe(("unreproducible", "retention"));
        verdicts["of-emptied"].ShouldBe(("unreproducible", "retention"));
        verdicts["of-kept"].ShouldBe(("reproduced", "reproduced"));
        await IsRecordedAsync(done);
    }

    private async Task IsRecordedAsync(ScavengeResult done)
    {
        var recorded = await payments.System.Log.ReadStreamAsync("scavenge-log").ToListAsync();
        recorded.Select(each => each.Type).ShouldBe(["ScavengeStarted", "ScavengeCompleted"]);
        var started = System.Text.Json.JsonElement.Parse(recorded[0].Data.Span);
        started.GetProperty("by").GetString().ShouldBe("ops");
        started.GetProperty("why").GetString().ShouldBe("a test");
        System.Text.Json.JsonElement.Parse(recorded[1].Data.Span).GetProperty("removed").GetProperty("eventsRemoved").GetInt64().ShouldBe(done.EventsRemoved);
    }

    private async Task<ScavengeResult> ScavengeAsync()
    {
        using var call = payments.System.Maintenance.Scavenge(new ScavengeRequest { Actor = "ops", Reason = "a test" });
        ScavengeReport? last = null;
        await foreach (var report in call.ResponseStream.ReadAllAsync()) last = report;
        return last!.Done;
    }

    private async Task<Dictionary<string, (string, string)>> ReplayAsync(params string[] ids)
    {
        using var call = payments.System.Audit.Replay(new ReplayRequest { PredictionIds = { ids } });
        Dictionary<string, (string, string)> verdicts = [];
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
            if (answer.Result is { } result) verdicts[result.PredictionId] = (result.Verdict, result.Code);
        return verdicts;
    }

    private async Task TrainAsync()
    {
        var request = new TrainModelRequest { Model = "fraud", Actor = "tests" };
        ulong token = 0;
        for (var card = 0; card < 40; card++)
        {
            var amount = card % 2 == 0 ? "100" : "10";
            token = (await payments.System.Events.AppendAsync(PaymentsSystem.Payments($"h{card}", PaymentsSystem.Payment(amount, "2026-01-01T10:00:00Z")))).Position;
            request.Spine.Add(new SpineRow { Entities = { ["card"] = $"h{card}" }, Time = "2026-01-01T11:00:00Z", Label = (card + 1) % 2, Context = { ["amount"] = new Value { Number = 30 } } });
        }
        request.Knowledge = Knowledge.Latest;
        request.KnownAt = token;
        var trained = await payments.System.Registry.TrainModelAsync(request);
        await payments.System.Registry.PromoteModelAsync(new PromoteModelRequest { Model = "fraud", Version = trained.Version.Version, Actor = "risk", Reason = "first" });
    }
}
