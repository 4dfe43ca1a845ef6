using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Nobody waits for views to reach a position that the log itself has not reached.</summary>
public sealed class KnownAtPositionTests
{
    private static readonly Dictionary<string, string> Card = new() { ["card"] = "a" };

    [Fact]
    public async Task Features_are_read_as_known_at_the_logs_last_event_and_not_beyond()
    {
        await using var bench = await PredictionBench.StartAsync();
        var head = (await bench.PayAsync("a", 10m, -50)).Position!.Value;
        var read = new GetFeatures(Card) { Views = ["card_activity"], AsOf = PredictionBench.Noon, KnownAt = head };
        var batch = new GetFeatureBatch([new FeatureBatchRow(Card, new Dictionary<string, Value>())]) { Views = ["card_activity"], AsOf = PredictionBench.Noon, KnownAt = head };

        (await bench.SendAsync(read)).Views.ShouldHaveSingleItem().KnownAt.ShouldBe(head);
        (await bench.SendAsync(batch)).Rows.ShouldHaveSingleItem();
        var beyond = new Position(head.Value + 1);
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(read with { KnownAt = beyond }))).Code.ShouldBe("position-beyond-head");
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(batch with { KnownAt = beyond }))).Code.ShouldBe("position-beyond-head");
    }

    [Fact]
    public async Task A_view_is_not_exported_as_known_beyond_the_logs_last_event()
    {
        await using var bench = await PredictionBench.StartAsync();
        var head = (await bench.PayAsync("a", 10m, -50)).Position!.Value;
        var handler = new ExportViewHandler(bench.Registry, bench.Views, bench.Log, null!);
        var refused = await Should.ThrowAsync<RefusedException>(() => handler.Handle(new ExportView("card_activity@v1") { KnownAt = new Position(head.Value + 1) }, default));
        refused.Code.ShouldBe("position-beyond-head");
    }
}
