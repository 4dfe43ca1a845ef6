using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Partitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class WorkerShareTests
{
    private static readonly ViewReference View = new("card_activity", 1);

    [Theory]
    [InlineData(64, 1)]
    [InlineData(64, 2)]
    [InlineData(64, 3)]
    [InlineData(64, 7)]
    [InlineData(64, 100)]
    [InlineData(1, 5)]
    public void Shares_add_up_to_all_partitions_and_differ_by_one_at_most(int partitions, int workers)
    {
        var ids = Enumerable.Range(0, workers).Select(_ => Guid.NewGuid()).ToList();
        var shares = ids.Select(id => WorkerShare.Of(View, partitions, ids, id)).ToList();

        shares.Sum().ShouldBe(partitions);
        (shares.Max() - shares.Min()).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void The_order_in_which_workers_are_listed_changes_nothing()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        ids.Select(id => WorkerShare.Of(View, 64, ids, id)).ShouldBe(ids.Select(id => WorkerShare.Of(View, 64, [.. ids.Order()], id)));
    }

    [Fact]
    public void Views_of_one_partition_are_spread_over_the_workers()
    {
        List<Guid> ids = [Guid.Parse("6f0c4d5e-0000-4000-8000-000000000001"), Guid.Parse("6f0c4d5e-0000-4000-8000-000000000002")];
        var first = Enumerable.Range(0, 100).Count(i => WorkerShare.Of(new ViewReference($"view_{i}", 1), 1, ids, ids[0]) == 1);
        first.ShouldBeInRange(25, 75);
    }

    [Fact]
    public void Who_does_not_live_has_no_share() => WorkerShare.Of(View, 64, [Guid.NewGuid()], Guid.NewGuid()).ShouldBe(0);
}
