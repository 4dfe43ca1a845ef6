using EventFeatures.Application.Events;
using EventFeatures.Core.Events;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

/// <summary>Events that come again in other requests than those that brought them first.</summary>
public sealed class RecutRetryTests
{
    private readonly AppendItem[] _items = [.. Enumerable.Range(0, 3).Select(i => PredictionBench.Payment("1", i + 1, i - 60, Guid.NewGuid()))];

    [Theory]
    [InlineData(new[] { 0, 2 })]
    [InlineData(new[] { 2, 0 })]
    [InlineData(new[] { 2, 1, 0 })]
    [InlineData(new[] { 0, 1, 2 })]
    public async Task Each_event_is_answered_with_its_own_revision_and_the_token_covers_all(int[] again)
    {
        await using var bench = await PredictionBench.StartAsync();
        foreach (var item in _items) await bench.SendAsync(new AppendEvents([item]));
        var before = bench.Log.Events;

        var answer = await bench.SendAsync(new AppendEvents([.. again.Select(index => _items[index])]));

        answer.Items.Select(outcome => outcome.Revision).ShouldBe(again.Select(index => (long?)index));
        var places = before.Where(recorded => recorded.StreamId == "card-1").Select(recorded => recorded.Position).ToList();
        answer.Position.ShouldBe(places[again.Max()]);
        foreach (var (outcome, index) in answer.Items.Zip(again)) outcome.Position.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(places[index]);
        bench.Log.Events.Count.ShouldBe(before.Count);
    }

    [Fact]
    public async Task Events_that_another_process_appended_are_known_as_well()
    {
        await using var bench = await PredictionBench.StartAsync();
        foreach (var item in _items) await bench.Log.AppendToStreamAsync("card-1", StreamState.Any, [new EventData(item.EventId!.Value, item.Type, item.Data)]);

        var answer = await bench.SendAsync(new AppendEvents([_items[2], _items[0]]));

        answer.Items.Select(outcome => outcome.Revision).ShouldBe([2, 0]);
        answer.Position.ShouldBe(bench.Log.Events[^1].Position);
    }

    [Fact]
    public async Task Where_one_of_them_is_refused_those_behind_it_are_too()
    {
        await using var bench = await PredictionBench.StartAsync(bend: log => new ClosedMeanwhile(log, _items[1].EventId!.Value));
        await bench.SendAsync(new AppendEvents(_items[..1]));

        var answer = await bench.SendAsync(new AppendEvents([.. _items, PredictionBench.Payment("1", 9m, -1) with { Expected = StreamState.StreamRevision(2) }]));

        answer.Items.Select(outcome => outcome.Code).ShouldBe(["", "stream-deleted", "earlier-item-rejected", "earlier-item-rejected"]);
        answer.Items[3].Detail.ShouldContain("Item 1 of the same stream");
    }

    /// <summary>The stream is closed while events are appended one by one.</summary>
    private sealed class ClosedMeanwhile(IEventLog log, Guid from) : BentLog(log)
    {
        public override Task<AppendResult> AppendToStreamAsync(
            string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
            events is [var only] && only.EventId == from ? throw new StreamDeletedException(stream) : Log.AppendToStreamAsync(stream, expected, events, cancellation);
    }
}
