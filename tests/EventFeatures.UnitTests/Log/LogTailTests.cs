using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.EmbeddedNode.Writing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class LogTailTests
{
    private readonly LogTail _tail = new(bytesMax: 100_000);
    private readonly StoredEvent[] _into = new StoredEvent[64];

    [Fact]
    public void Events_are_read_from_a_position_in_order()
    {
        Publish(1, 10);

        _tail.TryRead(4, _into, out var count).ShouldBeTrue();

        _into[..count].Select(stored => stored.Position).ShouldBe([4, 5, 6, 7, 8, 9, 10]);
    }

    [Fact]
    public void After_the_head_there_is_nothing_yet()
    {
        Publish(1, 3);

        _tail.TryRead(4, _into, out var count).ShouldBeTrue();
        count.ShouldBe(0);
    }

    [Fact]
    public void What_its_bound_has_pushed_out_must_be_read_from_storage()
    {
        for (var position = 1; position <= 5000; position++) Publish(position, position);

        _tail.TryRead(1, _into, out _).ShouldBeFalse();
        _tail.TryRead(4990, _into, out var count).ShouldBeTrue();
        count.ShouldBe(11);
    }

    [Fact]
    public void A_reader_gets_no_more_bytes_at_once_than_a_page_of_storage_has_but_at_least_one_event()
    {
        var tail = new LogTail(bytesMax: 64L * 1024 * 1024);
        var events = new[] { 8, 2, 2, 2 }.Select((mebibytes, index) =>
            new StoredEvent("card-1", "Tested", Guid.NewGuid(), true, new byte[mebibytes << 20], default) { Position = index + 1 });
        tail.Publish([new Published([.. events])]);

        tail.TryRead(1, _into, out var first).ShouldBeTrue();
        tail.TryRead(2, _into, out var then).ShouldBeTrue();

        (first, then).ShouldBe((1, 2));
    }

    [Fact]
    public async Task A_waiter_is_woken_by_the_event_that_it_waits_for()
    {
        var waiting = _tail.WaitForAsync(2, CancellationToken.None);
        Publish(1, 1);
        waiting.IsCompleted.ShouldBeFalse();
        Publish(2, 2);

        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_reset_sends_readers_to_storage_and_wakes_them()
    {
        Publish(1, 5);
        var waiting = _tail.WaitForAsync(6, CancellationToken.None);

        _tail.Reset(8);

        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
        _tail.TryRead(6, _into, out _).ShouldBeFalse();
        _tail.TryRead(9, _into, out var count).ShouldBeTrue();
        count.ShouldBe(0);
        Publish(9, 9);
        _tail.Head.ShouldBe(9);
    }

    private void Publish(long from, long to)
    {
        var events = new StoredEvent[to - from + 1];
        for (var position = from; position <= to; position++)
            events[position - from] = new StoredEvent("card-1", "Tested", Guid.NewGuid(), true, new byte[100], default) { Position = position };
        _tail.Publish([new Published(events)]);
    }

    private sealed class Published(StoredEvent[] events) : AppendRequest("card-1", -2, events, [], [], 0)
    {
        public override void Complete(AppendOutcome outcome) => throw new InvalidOperationException("Nobody completes it.");
    }
}
