using System.Text;
using EventFeatures.Application.Events;
using EventFeatures.Application.Events.Moving;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>Predictions that rest on a view of countries, whose events stand in the streams of cards.</summary>
public sealed class KeyedReplayTests
{
    private const string Land = """
        apiVersion: eventfeatures/v1
        kind: Entity
        name: land
        keys: [ { name: land, type: string } ]
        """;

    private const string Lands = """
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: land_activity
        version: 1
        entity: land
        source: { contract: payments.authorisation/1, key: [country] }
        features:
          - { name: count_7d, aggregate: count, window: 7d }
          - { name: mean_7d, aggregate: mean, of: amount, window: 7d }
        """;

    private const string Service = """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: fraud
        version: 1
        context: [ { name: amount, type: number } ]
        features:
          - { feature: card_activity__count_1h, missing: { default: 0 } }
          - { feature: land_activity__count_7d, missing: { default: 0 } }
          - { feature: land_activity__mean_7d, missing: { default: 0 } }
        """;

    private static readonly string[] Definitions = [Yaml.Contract, Yaml.Entity, Land, Yaml.View, Lands, Service, Yaml.Model];

    [Fact]
    public async Task A_prediction_over_payload_keys_is_reproduced_from_the_streams_of_others()
    {
        await using var bench = await StartAsync();
        await PayAsync(bench, "a", "FR", 10, -50);
        await PayAsync(bench, "b", "FR", 20, -40);
        await PayAsync(bench, "b", "NO", 99, -30);
        await PredictAsync(bench, "c", "FR", "p-1");
        await PayAsync(bench, "c", "FR", 5, -20);

        var verdict = await ReplayAsync(bench, "p-1");

        verdict.Result.ShouldBe(ReplayResult.Reproduced);
        verdict.EventsFolded.ShouldBe(2);
        var lineage = await bench.SendAsync(new GetLineage("p-1"));
        lineage.Features[1].Events.Select(used => used.Reference.StreamId).ShouldBe(["card-a", "card-b"]);
        lineage.Views.Select(use => (use.Entity, use.EntityKey)).ShouldBe([("card", "c"), ("land", "FR")]);
    }

    [Fact]
    public async Task An_event_that_the_views_lost_is_found_in_the_log_and_named()
    {
        await using var bench = await StartAsync();
        await PayAsync(bench, "a", "FR", 10, -50);
        await PayAsync(bench, "b", "FR", 20, -40);
        bench.Views.Lost.Add(bench.Log.Events[^1].Position);
        await PredictAsync(bench, "c", "FR", "p-1");

        var verdict = await ReplayAsync(bench, "p-1");

        (verdict.Result, verdict.Code).ShouldBe((ReplayResult.Diverged, "feature-differs"));
        verdict.Differences.Select(difference => difference.What).ShouldBe(["land_activity__count_7d", "land_activity__mean_7d"]);
        verdict.Differences[0].FromEvent!.StreamId.ShouldBe("card-b");
    }

    [Fact]
    public async Task What_a_streams_retention_hides_and_the_whole_log_still_holds_counts()
    {
        await using var bench = await StartAsync();
        await PayAsync(bench, "a", "FR", 10, -50);
        await PayAsync(bench, "a", "FR", 20, -40);
        await PredictAsync(bench, "c", "FR", "p-1");
        bench.Log.Truncate("card-a", 1);
        (await ReplayAsync(bench, "p-1")).Result.ShouldBe(ReplayResult.Reproduced);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_a_scavenge_took_out_of_the_whole_log_is_no_divergence(int before)
    {
        await using var bench = await StartAsync();
        await PayAsync(bench, "a", "FR", 10, -50);
        await PayAsync(bench, "a", "FR", 20, -40);
        await PayAsync(bench, "b", "FR", 30, -30);
        await PredictAsync(bench, "c", "FR", "p-1");
        await bench.Log.SetStreamMetadataAsync("card-a", StreamState.NoStream, new StreamMetadata { TruncateBefore = before });
        bench.Log.Scavenge("card-a", before);

        var verdict = await ReplayAsync(bench, "p-1");

        (verdict.Result, verdict.Code).ShouldBe((ReplayResult.Unreproducible, "retention"));
    }

    [Fact]
    public async Task A_placeholder_of_a_moved_log_says_that_events_are_gone_and_somebodys_own_event_of_its_type_does_not()
    {
        await using var bench = await StartAsync();
        await PayAsync(bench, "a", "FR", 10, -50);
        var placeholder = CopiedEvents.Placeholder("card-b", 0);
        await bench.Log.AppendToStreamAsync("card-a", StreamState.Any, [placeholder with { EventId = Guid.NewGuid() }]);
        (await HistoryAsync(bench)).ShouldSatisfyAllConditions(history => history.Count.ShouldBe(1), history => history.IsTruncated.ShouldBeFalse());

        await bench.Log.AppendToStreamAsync("card-b", StreamState.NoStream, [placeholder]);

        (await HistoryAsync(bench)).IsTruncated.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_scavenge_took_is_missed_also_where_an_event_that_no_view_reads_follows()
    {
        await using var bench = await StartAsync();
        await PayAsync(bench, "a", "FR", 10, -50);
        await bench.Log.AppendToStreamAsync("card-a", StreamState.Any, [new EventData(Guid.NewGuid(), "AddressChanged", "{}"u8.ToArray())]);
        bench.Log.Scavenge("card-a", 1);

        (await HistoryAsync(bench)).IsTruncated.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(40)]
    [InlineData(3)]
    public async Task All_are_replayed_in_as_many_passes_as_memory_needs(int rowsMax)
    {
        await using var bench = await StartAsync(new PredictionOptions { ReplayRowsMax = rowsMax });
        string[] lands = ["FR", "NO", "SE", "DK", "FI"];
        for (var i = 0; i < 40; i++)
        {
            await PayAsync(bench, $"c{i % 7}", lands[i % 3 == 0 ? 0 : i % 5], 10 + i, i - 60);
            await PredictAsync(bench, $"c{i % 4}", lands[i % 5], $"p-{i}", asOf: i - 60);
        }

        var updates = await (await bench.SendAsync(new ReplayPredictions { Parallelism = 3 })).ToListAsync();

        updates[^1].Counts.ShouldBe(new ReplayCounts(40, 0, 0, 0));
        updates[^1].Total.ShouldBe(40);
        var twice = await (await bench.SendAsync(new ReplayPredictions { PredictionIds = ["p-3", "p-9", "p-3"], Record = false })).ToListAsync();
        twice[^1].Counts.ShouldBe(new ReplayCounts(3, 0, 0, 0));
    }

    [Fact]
    public async Task A_training_set_of_recorded_predictions_gives_their_very_vectors()
    {
        await using var bench = await StartAsync();
        for (var i = 0; i < 12; i++)
        {
            await PayAsync(bench, $"c{i % 3}", i % 2 == 0 ? "FR" : "NO", 10 + i, i - 40);
            await PredictAsync(bench, $"c{i % 3}", i % 2 == 0 ? "NO" : "FR", $"p-{i}", asOf: i - 40);
        }
        var built = await bench.SendAsync(new EventFeatures.Application.TrainingSets.BuildTrainingSet("fraud", Path.Combine(Path.GetTempPath(), $"keyed-{Guid.NewGuid():N}")) { FromPredictionsOf = "fraud" });
        built.Leaks.ShouldBe(new EventFeatures.Application.TrainingSets.LeakReport(12, 0, 0, ""));
        var recorded = bench.Log.Events.Where(Dossier).Select(one => PredictionJson.Read(one.Data).Features[2].Value.ToString());
        bench.Files.Column("land_activity__mean_7d").ShouldBe(recorded);

        static bool Dossier(RecordedEvent recorded) => recorded.Type == PredictionMade.Type;
    }

    private static async Task<EntityHistory> HistoryAsync(PredictionBench bench)
    {
        var view = bench.Registry.Current.Views.Single(view => view.Key.Name == "land_activity").Value;
        return (await new LogPass([new EntityInView(view, "FR")]).ReadAsync(bench.Log, Position.End, 100, default))!.Single().Value;
    }

    private static async Task<PredictionBench> StartAsync(PredictionOptions? options = null)
    {
        string[] definitions = [.. Definitions];
        definitions[0] = definitions[0].With(", enum: [FR, NO]", "");
        return await PredictionBench.StartAsync(definitions, [0.5f, -0.01f, 0.2f], options);
    }

    private static Task<AppendAnswer> PayAsync(PredictionBench bench, string card, string land, decimal amount, int minutes) =>
        bench.SendAsync(new AppendEvents([
            new AppendItem($"card-{card}", "PaymentAuthorised", Encoding.UTF8.GetBytes($$"""{"amount":{{Value.Of(amount)}},"country":"{{land}}","occurred_at":"{{PredictionBench.At(minutes)}}"}"""))
            {
                RecordedAt = PredictionBench.At(minutes),
            }]));

    private static Task<PredictionAnswer> PredictAsync(PredictionBench bench, string card, string land, string id, int asOf = 0) =>
        bench.SendAsync(PredictionBench.Ask(card, id) with
        {
            Entities = new Dictionary<string, string> { ["card"] = card, ["land"] = land }, AsOf = PredictionBench.At(asOf),
        });

    private static async Task<ReplayVerdict> ReplayAsync(PredictionBench bench, string id)
    {
        var updates = await bench.SendAsync(new ReplayPredictions { PredictionIds = [id] });
        return (await updates.Where(update => update.Verdict is not null).ToListAsync()).ShouldHaveSingleItem().Verdict!;
    }
}
