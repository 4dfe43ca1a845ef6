using EventFeatures.Log.EmbeddedNode.Writing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class AppendQueueTests
{
    private const int BytesMax = 1000;

    private readonly AppendQueue _queue = new(eventsMax: 100, BytesMax, new FakeTimeProvider());

    [Fact]
    public void An_append_that_is_larger_than_the_bound_passes_when_nothing_else_waits()
    {
        _queue.TryAdd(new Append(BytesMax + 1)).ShouldBeTrue();

        _queue.TryAdd(new Append(1)).ShouldBeFalse("the bound is passed");
        _queue.TryTake(out _).ShouldBeTrue();
        _queue.TryAdd(new Append(1)).ShouldBeTrue();
        _queue.TryAdd(new Append(BytesMax + 1)).ShouldBeFalse("something else waits");
        _queue.Bytes.ShouldBe(1);
    }

    private sealed class Append(int bytes) : AppendRequest("card-1", -2, [], new byte[bytes], [], 0)
    {
        public override void Complete(AppendOutcome outcome) => throw new InvalidOperationException("Nobody completes it.");
    }
}
