using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class HotStatesTests
{
    private static readonly CompiledView View = Cards.Compiled(Cards.Feature("count", null, Cards.Ever));

    [Fact]
    public void Reads_alone_never_fill_memory_beyond_its_bound()
    {
        var states = new HotStates(3, complete: false);

        for (var i = 0; i < 50; i++)
        {
            var loaded = Entity(i);
            states.AddIfCurrent(loaded, states.Evictions).ShouldBe(loaded);
        }

        states.Count.ShouldBe(3);
    }

    [Fact]
    public void Where_memory_is_full_reads_add_an_eighth_at_most_until_the_fold_makes_room()
    {
        var states = new HotStates(16, complete: false);
        for (var i = 0; i < 16; i++) states.Add(Entity(i));
        for (var i = 16; i < 50; i++) states.AddIfCurrent(Entity(i), states.Evictions);
        states.Count.ShouldBe(18);

        states.Trim();

        states.Count.ShouldBe(16);
    }

    private static HotEntity Entity(int number) => new(View.NewState($"{number}"), hasDocument: true);
}
