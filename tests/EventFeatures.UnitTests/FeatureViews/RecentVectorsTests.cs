using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Who remembers what its features came to, where not all can.</summary>
public sealed class RecentVectorsTests
{
    // Room for two.
    private readonly RecentVectors _recent = new(RecentVectors.ValuesMax / 2);

    private readonly (EntityState State, HotEntity Entity)[] _entities = [.. Enumerable.Range(0, 3).Select(number =>
    {
        var state = Cards.Compiled(Cards.Feature("count", null, Cards.Ever, null, "a")).NewState($"{number}");
        return (state, new HotEntity(state, hasDocument: false));
    })];

    [Fact]
    public void Those_that_are_read_on_stay_though_more_are_read_in_turn()
    {
        for (var round = 0; round < 5; round++) Read(0, 1, 2);

        Remembering().ShouldBe([0, 1]);
    }

    [Fact]
    public void One_that_is_read_no_more_makes_room()
    {
        Read(0, 1, 2);
        // The first of the others was read since it was looked at, and so was the second; then the first was not.
        Read(2, 2);

        Remembering().ShouldBe([1, 2]);
    }

    [Fact]
    public void One_that_had_to_forget_remembers_again_once_there_is_room()
    {
        Read(0, 1, 2, 2, 2);
        Read(0, 0, 0);

        Remembering().ShouldContain(0);
        Remembering().Count.ShouldBe(2);
    }

    private void Read(params int[] numbers)
    {
        foreach (var number in numbers) _entities[number].Entity.Evaluate(Cards.Noon, _recent);
    }

    private List<int> Remembering() => [.. Enumerable.Range(0, _entities.Length).Where(number => _entities[number].State.RemembersVector)];
}
