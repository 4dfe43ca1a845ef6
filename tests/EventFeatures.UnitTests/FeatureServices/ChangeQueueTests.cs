using EventFeatures.Application.FeatureServices.Subscriptions;
using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureServices;

public sealed class ChangeQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task An_entity_that_changed_again_waits_once_and_its_newest_change_stands_for_the_others()
    {
        var queue = new ChangeQueue(10, new Position(1));
        foreach (var (key, position) in new[] { ("a", 2ul), ("b", 3ul), ("a", 4ul), ("a", 4ul), ("a", 6ul) }) await AddAsync(queue, key, position);

        var first = (await queue.TakeAsync(Patience, default))!;
        (first.Keys[0], first.Newest.Value, first.Coalesced).ShouldBe(("a", 6ul, 2L));
        var second = (await queue.TakeAsync(Patience, default))!;
        (second.Keys[0], second.Newest.Value, second.Coalesced).ShouldBe(("b", 3ul, 0L));
        (await queue.TakeAsync(TimeSpan.Zero, default)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_done_is_what_lies_before_the_first_change_that_waits()
    {
        var queue = new ChangeQueue(10, new Position(1));
        queue.Done.Value.ShouldBe(1ul);
        await AddAsync(queue, "a", 5);
        await AddAsync(queue, "b", 8);
        queue.ReadUpTo(new Position(20));
        queue.Done.Value.ShouldBe(1ul, "the change at 5 waits");
        await queue.TakeAsync(Patience, default);
        queue.Done.Value.ShouldBe(5ul, "the change at 8 waits");
        await queue.TakeAsync(Patience, default);
        queue.Done.Value.ShouldBe(20ul);
    }

    [Fact]
    public async Task Without_room_the_writer_waits_until_something_is_taken()
    {
        var queue = new ChangeQueue(2, new Position(1));
        await AddAsync(queue, "a", 2);
        await AddAsync(queue, "b", 3);
        await AddAsync(queue, "a", 4);
        var third = queue.AddAsync(["c"], new Position(5), default).AsTask();
        third.IsCompleted.ShouldBeFalse();
        await queue.TakeAsync(Patience, default);
        await third.WaitAsync(Patience);
        (await queue.TakeAsync(Patience, default))!.Keys[0].ShouldBe("b");
        (await queue.TakeAsync(Patience, default))!.Keys[0].ShouldBe("c");
    }

    [Fact]
    public async Task A_failure_is_told_after_what_waits_was_taken()
    {
        var queue = new ChangeQueue(2, new Position(1));
        await AddAsync(queue, "a", 2);
        queue.Fail(new LogUnavailableException("gone"));
        (await queue.TakeAsync(Patience, default))!.Keys[0].ShouldBe("a");
        await Should.ThrowAsync<LogUnavailableException>(async () => await queue.TakeAsync(Patience, default));
    }

    private static async Task AddAsync(ChangeQueue queue, string key, ulong position)
    {
        await queue.AddAsync([key], new Position(position), default);
        queue.ReadUpTo(new Position(position));
    }
}
