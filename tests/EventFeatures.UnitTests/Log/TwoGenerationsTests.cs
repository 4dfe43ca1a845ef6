using EventFeatures.Log.EmbeddedNode.Writing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class TwoGenerationsTests
{
    private readonly TwoGenerations<int, string> _map = new(3, _ => 1);

    [Fact]
    public void What_was_touched_since_the_last_turn_survives_the_next()
    {
        Fill(1, 2, 3);
        _map.TurnIfFull();
        _map.TryGet(2, out _).ShouldBeTrue();
        Fill(4, 5);
        _map.TurnIfFull();

        _map.TryGet(2, out _).ShouldBeTrue();
        _map.TryGet(4, out _).ShouldBeTrue();
        _map.TryGet(1, out _).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_forgotten_between_turns_however_much_comes()
    {
        Fill([.. Enumerable.Range(0, 100)]);

        Enumerable.Range(0, 100).Where(key => !_map.TryGet(key, out _)).ShouldBeEmpty();
    }

    [Fact]
    public void It_does_not_turn_before_it_is_full()
    {
        Fill(1, 2);
        _map.TurnIfFull();
        _map.TurnIfFull();

        _map.TryGet(1, out _).ShouldBeTrue();
    }

    private void Fill(params int[] keys)
    {
        foreach (var key in keys) _map.Set(key, "value");
    }
}
