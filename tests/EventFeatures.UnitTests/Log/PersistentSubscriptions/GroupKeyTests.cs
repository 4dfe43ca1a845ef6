using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log.PersistentSubscriptions;

public sealed class GroupKeyTests
{
    [Theory]
    [InlineData("$persistentSubscriptionConfig", true)]
    [InlineData("$persistentsubscription-card-1::workers-checkpoint", true)]
    [InlineData("$persistentsubscription-card-1::workers-parked", false)]
    [InlineData("card-checkpoint", false)]
    [InlineData("$$$persistentSubscriptionConfig", true)]
    [InlineData("$$$persistentsubscription-card-1::workers-checkpoint", true)]
    [InlineData("$$$persistentsubscription-card-1::workers-parked", false)]
    [InlineData("$$card-1", false)]
    public void The_node_alone_writes_what_it_relies_on(string stream, bool expected) => GroupKey.IsNodesOwn(stream).ShouldBe(expected);

    [Fact]
    public void A_group_and_its_streams_are_named_as_on_a_real_server()
    {
        var key = new GroupKey("card-1", "workers");

        (key.SubscriptionId, key.CheckpointStream, key.ParkedStream).ShouldBe((
            "card-1::workers", "$persistentsubscription-card-1::workers-checkpoint", "$persistentsubscription-card-1::workers-parked"));
    }

    [Theory]
    [InlineData("card-1", 41L)]
    [InlineData("card-1", -1L)]
    [InlineData("$all", 41L)]
    public void A_place_reads_back_from_its_text(string source, long place) =>
        Places.Parse(Places.Describe(new GroupKey(source, "workers"), place)).ShouldBe(place);
}
