using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log.PersistentSubscriptions;

public sealed class DispatchTests
{
    [Fact]
    public void Round_robin_gives_to_each_in_turn_and_passes_over_the_full()
    {
        var bench = new GroupBench();
        var (small, large) = (bench.Connect(bufferSize: 1), bench.Connect(bufferSize: 9));

        bench.Offer(0, 5);

        small.Revisions.Count().ShouldBe(1);
        large.Revisions.Count().ShouldBe(4);
    }

    [Fact]
    public void Dispatch_to_single_fills_one_before_the_next()
    {
        var bench = new GroupBench(GroupBench.Settings with { Strategy = "DispatchToSingle" });
        var (first, second) = (bench.Connect(bufferSize: 3), bench.Connect(bufferSize: 9));

        bench.Offer(0, 5);

        first.Revisions.ShouldBe([0, 1, 2]);
        second.Revisions.ShouldBe([3, 4]);
    }

    [Fact]
    public void Pinned_keeps_a_stream_with_one_consumer_and_its_order()
    {
        var bench = new GroupBench(GroupBench.Settings with { Strategy = "Pinned" });
        FakeConsumer[] consumers = [bench.Connect(100, salt: 11), bench.Connect(100, salt: 22), bench.Connect(100, salt: 33)];

        bench.Group.Offer([.. Enumerable.Range(0, 90).Select(place => GroupBench.Message(place, $"card-{place % 30}"))]);

        var byStream = consumers.SelectMany((consumer, index) => consumer.Received.Select(delivery => (delivery.Message.Source.Stream, index, delivery.Message.Sequence)))
            .GroupBy(each => each.Stream).ToList();
        byStream.Count.ShouldBe(30);
        foreach (var stream in byStream)
        {
            stream.Select(each => each.index).Distinct().ShouldHaveSingleItem();
            stream.Select(each => each.Sequence).ShouldBeInOrder();
        }
        consumers.ShouldAllBe(consumer => consumer.Received.Count > 0);
    }

    [Fact]
    public void A_full_pinned_consumer_does_not_hold_up_the_streams_of_others()
    {
        var bench = new GroupBench(GroupBench.Settings with { Strategy = "Pinned" });
        FakeConsumer[] consumers = [bench.Connect(1, salt: 11), bench.Connect(1, salt: 22)];

        bench.Group.Offer([.. Enumerable.Range(0, 40).Select(place => GroupBench.Message(place, $"card-{place % 20}"))]);

        consumers.ShouldAllBe(consumer => consumer.Received.Count == 1);
    }

    [Fact]
    public void When_a_pinned_consumer_goes_only_its_streams_move()
    {
        var bench = new GroupBench(GroupBench.Settings with { Strategy = "Pinned" });
        FakeConsumer[] consumers = [bench.Connect(100, salt: 11), bench.Connect(100, salt: 22), bench.Connect(100, salt: 33)];
        bench.Group.Offer([.. Enumerable.Range(0, 30).Select(place => GroupBench.Message(place, $"card-{place}"))]);
        var stayed = consumers[1].Received.Select(delivery => delivery.Message.Source.Stream).ToList();

        bench.Group.Disconnect(consumers[0]);
        bench.Group.Offer([.. Enumerable.Range(30, 30).Select(place => GroupBench.Message(place, $"card-{place - 30}"))]);

        consumers[1].Received.Select(delivery => delivery.Message.Source.Stream).ShouldBeSubsetOf(
            [.. stayed, .. consumers[0].Received.Select(delivery => delivery.Message.Source.Stream)]);
        foreach (var stream in stayed) consumers[1].Received.Count(delivery => delivery.Message.Source.Stream == stream).ShouldBe(2);
    }

    [Fact]
    public void A_link_is_pinned_by_the_stream_that_it_points_to()
    {
        var link = new Message(GroupBench.Stored(5, "$ce-card", type: "$>", data: "3@card-7"), null, 5, isReplay: false);
        var direct = GroupBench.Message(3, "card-7");

        EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching.PinKeys.OfStream(link)
            .ShouldBe(EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching.PinKeys.OfStream(direct));
    }
}
