using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log.PersistentSubscriptions;

public sealed class GroupTests
{
    private readonly GroupBench _bench = new();

    private Group Group => _bench.Group;

    [Fact]
    public void A_consumer_gets_no_more_than_its_buffer_until_it_answers()
    {
        var consumer = _bench.Connect(bufferSize: 2);
        var messages = _bench.Offer(0, 5);

        consumer.Revisions.ShouldBe([0, 1]);
        Group.Acknowledge(messages[0].Id);

        consumer.Revisions.ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void The_checkpoint_stays_before_the_first_event_that_is_not_handled()
    {
        _bench.Connect();
        var messages = _bench.Offer(0, 4);

        Group.Acknowledge(messages[1].Id);
        Group.Acknowledge(messages[3].Id);
        Group.Source.Handled.ShouldBe(-1);

        Group.Acknowledge(messages[0].Id);
        Group.Source.Handled.ShouldBe(1);

        Group.Acknowledge(messages[2].Id);
        Group.Source.Handled.ShouldBe(3);
    }

    [Fact]
    public void An_event_that_is_not_answered_in_time_is_delivered_again_with_its_retry_count()
    {
        var consumer = _bench.Connect();
        _bench.Offer(0, 1);

        _bench.Clock.Advance(TimeSpan.FromSeconds(29));
        Group.Tick();
        consumer.Received.Count.ShouldBe(1);

        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Group.Tick();
        consumer.Received.Select(delivery => delivery.Retries).ShouldBe([0, 1]);
    }

    [Fact]
    public void A_late_answer_still_counts_and_ends_the_retries()
    {
        var consumer = _bench.Connect(bufferSize: 1);
        var messages = _bench.Offer(0, 2);
        Group.Disconnect(consumer);

        Group.Acknowledge(messages[0].Id);

        Group.Source.Handled.ShouldBe(0);
        _bench.Connect().Revisions.ShouldBe([1]);
    }

    [Fact]
    public void After_its_last_retry_an_event_is_parked_and_only_then_handled()
    {
        var consumer = _bench.Connect();
        var message = _bench.Offer(0, 1)[0];
        for (var attempt = 0; attempt < 3; attempt++) Group.Refuse(message.Id, park: false, "no");

        consumer.Received.Select(delivery => delivery.Retries).ShouldBe([0, 1, 2]);
        Group.Source.Handled.ShouldBe(-1, "it is not parked yet");

        _bench.ParkAll().ShouldHaveSingleItem().Reason.ShouldContain("3 times");
        Group.Source.Handled.ShouldBe(0);
    }

    [Fact]
    public void With_no_retries_the_first_failure_parks()
    {
        var bench = new GroupBench(GroupBench.Settings with { RetryCountMax = 0 });
        bench.Connect();
        var message = bench.Offer(0, 1)[0];

        bench.Group.Refuse(message.Id, park: false, "no");

        bench.ParkAll().ShouldHaveSingleItem().Message.ShouldBe(message);
    }

    [Fact]
    public void What_cannot_be_parked_is_delivered_again()
    {
        var consumer = _bench.Connect();
        var message = _bench.Offer(0, 1)[0];
        Group.Refuse(message.Id, park: true, "poison");

        Group.GiveUpParking(Group.ToPark.Dequeue().Message);

        consumer.Revisions.ShouldBe([0, 0]);
        Group.Source.Handled.ShouldBe(-1);
    }

    [Fact]
    public void What_a_consumer_had_when_it_went_goes_to_another()
    {
        var first = _bench.Connect(bufferSize: 3);
        _bench.Offer(0, 3);
        var second = _bench.Connect();

        Group.Disconnect(first);

        second.Received.Select(delivery => (delivery.Message.Sequence, delivery.Retries)).ShouldBe([(0, 1), (1, 1), (2, 1)]);
    }

    [Fact]
    public void Consumers_that_the_node_sends_away_are_not_held_to_have_failed()
    {
        _bench.Connect();
        _bench.Offer(0, 3);

        Group.DisconnectAll().Count.ShouldBe(1);

        _bench.Connect().Received.Select(delivery => (delivery.Message.Sequence, delivery.Retries)).ShouldBe([(0, 0), (1, 0), (2, 0)]);
    }

    [Fact]
    public void Two_events_of_one_id_are_never_out_at_the_same_time()
    {
        var id = Guid.NewGuid();
        var consumer = _bench.Connect();
        Group.Offer([GroupBench.Message(0, "card-1", id), GroupBench.Message(1, "card-2", id), GroupBench.Message(2)]);
        consumer.Revisions.ShouldNotContain(1);

        Group.Acknowledge(id);
        consumer.Revisions.ShouldContain(1);
        Group.Source.Handled.ShouldBe(0);

        Group.Acknowledge(id);
        Group.Source.Handled.ShouldBe(1);
    }

    [Fact]
    public void More_consumers_than_allowed_are_refused()
    {
        var bench = new GroupBench(GroupBench.Settings with { ConsumersMax = 1 });
        bench.Group.Connect(new FakeConsumer(1)).ShouldBeTrue();

        bench.Group.Connect(new FakeConsumer(1)).ShouldBeFalse();
    }

    [Fact]
    public void Without_consumers_nothing_is_read_and_with_them_no_more_than_the_buffer()
    {
        var bench = new GroupBench(GroupBench.Settings with { LiveBufferSize = 4, HistoryBufferSize = 3 });
        bench.Group.Room.ShouldBe(0);
        bench.Connect(bufferSize: 1);
        bench.Group.Room.ShouldBe(4);

        bench.Offer(0, 5);

        bench.Group.Room.ShouldBe(0);
    }

    [Fact]
    public void Deliveries_that_a_slow_consumer_never_read_do_not_pile_up()
    {
        var slow = new FakeConsumer(bufferSize: 2) { IsSlow = true };
        Group.Connect(slow);
        _bench.Offer(0, 2);
        _bench.Clock.Advance(TimeSpan.FromSeconds(30));
        Group.Tick();

        Group.InFlight.ShouldBe(0, "its queue is full of deliveries that nobody waits for any more");
        slow.Drain(Group);

        slow.Received.Select(delivery => delivery.Retries).ShouldBe([1, 1]);
    }

    [Fact]
    public void A_checkpoint_is_due_by_number_or_by_age()
    {
        _bench.Connect();
        var messages = _bench.Offer(0, 9);
        Group.Acknowledge(messages[0].Id);
        _bench.Clock.Advance(TimeSpan.FromSeconds(3));
        Group.IsCheckpointDue(Group.Source).ShouldBeFalse("one event is fewer than the least number");

        Group.Acknowledge(messages[1].Id);
        Group.IsCheckpointDue(Group.Source).ShouldBeTrue("two are enough after so long");
        Group.Store(Group.Source, 1, 2);

        foreach (var message in messages[2..6]) Group.Acknowledge(message.Id);
        Group.IsCheckpointDue(Group.Source).ShouldBeFalse();
        Group.NextTick.ShouldBe(TimeSpan.FromSeconds(2));
        Group.Acknowledge(messages[6].Id);
        Group.IsCheckpointDue(Group.Source).ShouldBeTrue("five are the most");
    }

    [Fact]
    public void When_the_last_consumer_goes_its_progress_is_due_however_little()
    {
        var consumer = _bench.Connect();
        var messages = _bench.Offer(0, 2);
        Group.Acknowledge(messages[0].Id);

        Group.Disconnect(consumer);

        Group.IsCheckpointDue(Group.Source).ShouldBeTrue();
        Group.Source.Handled.ShouldBe(0);
    }

    [Fact]
    public void A_replayed_message_holds_back_the_cut_of_the_parked_stream_and_not_the_checkpoint()
    {
        _bench.Connect();
        var replayed = GroupBench.Message(0, isReplay: true);
        Group.Offer([replayed, GroupBench.Message(1, isReplay: true)]);
        var fresh = _bench.Offer(0, 1)[0];

        Group.Acknowledge(fresh.Id);
        (Group.Source.Handled, Group.Parked.Handled).ShouldBe((0, -1));

        Group.Acknowledge(replayed.Id);
        Group.Parked.Handled.ShouldBe(0);
    }

    [Fact]
    public void A_large_backlog_of_unwanted_events_is_noted_as_progress()
    {
        _bench.Connect();

        Group.Source.Pass(9_998, 9_999);
        Group.IsCheckpointDue(Group.Source).ShouldBeFalse();
        Group.Source.Pass(9_999, 1);

        Group.IsCheckpointDue(Group.Source).ShouldBeTrue();
        Group.Source.Handled.ShouldBe(9_999);
    }

    [Fact]
    public void Impossible_settings_are_named_all_together() =>
        new GroupSettings { MessageTimeout = TimeSpan.FromSeconds(-1), RetryCountMax = -1, LiveBufferSize = 1_000_000, Strategy = "Best" }
            .Faults().Count().ShouldBe(4);

    [Fact]
    public void Progress_is_written_or_looked_at_again_wherever_the_clock_moves_on_while_that_is_decided()
    {
        var settings = new GroupSettings { CheckpointAfter = TimeSpan.FromMilliseconds(50), CheckpointCountMin = 1, CheckpointCountMax = 100 };
        for (var milliseconds = 0; milliseconds < 60; milliseconds++)
        {
            var clock = new MovingClock();
            var group = new Group(settings, new Progress(-1), new Progress(-1), clock);
            group.Connect(new FakeConsumer(bufferSize: 1));
            var message = GroupBench.Message(0);
            group.Offer([message]);
            group.Acknowledge(message.Id);
            clock.Advance(milliseconds);

            var duties = group.Duties();

            (duties.Write || duties.Next is not null).ShouldBeTrue($"after {milliseconds} ms the progress is forgotten");
        }
    }

    // A millisecond passes with every look.
    private sealed class MovingClock : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _milliseconds++;

        public void Advance(int milliseconds) => _milliseconds += milliseconds;
    }
}
