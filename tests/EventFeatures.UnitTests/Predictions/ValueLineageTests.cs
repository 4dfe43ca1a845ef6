using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

public sealed class ValueLineageTests
{
    private const string Pair = """
        { apiVersion: eventfeatures/v1, kind: Entity, name: pair, keys: [ { name: land, type: string }, { name: bank, type: string } ] }
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: pair_activity
        version: 1
        entity: pair
        source: { contract: payments.authorisation/1, key: [country, country] }
        features: [ { name: paid, aggregate: count } ]
        """;

    [Fact]
    public async Task A_value_leads_to_the_events_in_its_window_as_known_at_a_position()
    {
        await using var bench = await PredictionBench.StartAsync();
        var old = (await bench.PayAsync("a", 10m, -120)).Items[0].Position!.Value;
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await bench.PayAsync("a", 20m, -40, first);
        var known = (await bench.PayAsync("a", 30m, -30, second)).Items[0].Position!.Value;
        await bench.PayAsync("a", 40m, -20);
        await bench.PayAsync("b", 99m, -20);

        var lineage = await AskAsync(bench, "card_activity", asOf: PredictionBench.Noon, knownAt: known);

        ($"{lineage.View}", lineage.EntityKey, lineage.KnownAt).ShouldBe(("card_activity@v1", "a", known));
        lineage.Features.Select(feature => feature.Value.Name).ShouldBe(["card_activity__count_1h", "card_activity__mean_7d"]);
        (lineage.Features[0].Value.Value.Integer, lineage.Features[0].EventCount).ShouldBe((2, 2));
        lineage.Features[0].Events.Select(used => used.Reference.EventId).ShouldBe([first, second]);
        lineage.Features[1].Events[0].Reference.Position.ShouldBe(old);
        (lineage.Features[1].Value.Value, lineage.Features[1].EventCount).ShouldBe((Value.Of(20d), 3));

        var now = await AskAsync(bench, "card_activity@v1", feature: "count_1h", asOf: PredictionBench.Noon, eventsMax: 1);
        (now.Features.ShouldHaveSingleItem().Value.Value.Integer, now.Features[0].EventCount, now.Features[0].Events.Count).ShouldBe((3, 3, 1));
        now.Features[0].Events[0].OccurredAt.ShouldBe(PredictionBench.At(-20), "the newest are named");
        (await AskAsync(bench, "card_activity", feature: "card_activity__count_1h")).Features.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_not_served_rests_on_no_event_and_says_why()
    {
        await using var bench = await PredictionBench.StartAsync([Yaml.Contract, Yaml.Entity, Yaml.View.With("entity: card", "entity: card\nttl: 30d")]);
        await bench.PayAsync("a", 10m, -50);

        (await AskAsync(bench, "card_activity", card: "nobody")).Features.ShouldAllBe(feature => feature.Value.Status == FeatureStatus.NotFound && feature.EventCount == 0);
        (await AskAsync(bench, "card_activity", asOf: PredictionBench.At(31 * 24 * 60))).Features
            .ShouldAllBe(feature => feature.Value.Status == FeatureStatus.OutsideMaxAge && feature.EventCount == 0);
    }

    [Fact]
    public async Task A_composite_key_is_given_part_by_part()
    {
        await using var bench = await PredictionBench.StartAsync([Yaml.Contract, Yaml.Entity, Yaml.View, Pair]);
        await bench.PayAsync("a", 10m, -50);
        await bench.PayAsync("b", 10m, -40);

        var lineage = await bench.SendAsync(new GetValueLineage("pair_activity", new Dictionary<string, string> { ["land"] = "FR", ["bank"] = "FR" }));
        lineage.Features.ShouldHaveSingleItem().Events.Select(used => used.Reference.StreamId).ShouldBe(["card-a", "card-b"]);
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new GetValueLineage("pair_activity", new Dictionary<string, string> { ["land"] = "FR" }))))
            .Message.ShouldContain("Give land and bank");
    }

    [Fact]
    public async Task What_there_is_not_is_refused_with_what_there_is()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("a", 10m, -50);

        (await Should.ThrowAsync<RefusedException>(() => AskAsync(bench, "cards"))).Code.ShouldBe("view-unknown");
        var feature = await Should.ThrowAsync<RefusedException>(() => AskAsync(bench, "card_activity", feature: "count_2h"));
        (feature.Code, feature.Detail).ShouldBe(("feature-unknown", "The feature view card_activity@v1 has no feature 'count_2h'. Did you mean 'count_1h'?"));
        (await Should.ThrowAsync<RefusedException>(() => AskAsync(bench, "card_activity", knownAt: Position.End))).Code.ShouldBe("position-beyond-head");
        (await Should.ThrowAsync<CommandInvalidException>(() => AskAsync(bench, "card_activity", eventsMax: 10_001))).Message.ShouldContain("1 to 10,000");
    }

    private static Task<ValueLineage> AskAsync(
        PredictionBench bench, string view, string card = "a", string? feature = null, Instant? asOf = null, Position? knownAt = null, int eventsMax = 100) =>
        bench.SendAsync(new GetValueLineage(view, new Dictionary<string, string> { ["card"] = card }) { Feature = feature, AsOf = asOf, KnownAt = knownAt, EventsMax = eventsMax });
}
