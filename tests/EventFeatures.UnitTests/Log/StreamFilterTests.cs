using CsCheck;
using EventFeatures.Log.EmbeddedNode.Storage;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class StreamFilterTests
{
    [Fact]
    public void It_never_denies_a_stream_that_it_holds() => Gen.String.Array[0, 300].Sample(streams =>
    {
        var filter = StreamFilter.WithRoomFor(streams.Length);
        foreach (var stream in streams) filter.Add(stream);
        var again = StreamFilter.FromBytes(filter.Bytes);
        return streams.All(filter.MayContain) && streams.All(again.MayContain);
    });

    [Fact]
    public void It_denies_all_others_but_about_one_in_a_hundred()
    {
        var filter = StreamFilter.WithRoomFor(100_000);
        for (var index = 0; index < 100_000; index++) filter.Add($"card-{index}");

        Enumerable.Range(100_000, 100_000).Count(index => filter.MayContain($"card-{index}")).ShouldBeInRange(1, 1_500);
        Enumerable.Range(0, 100_000).Count(index => filter.MayContain($"$$card-{index}")).ShouldBeInRange(1, 1_500);
    }

    [Fact]
    public void Its_hash_is_the_one_of_the_filters_that_are_stored_already()
    {
        var filter = StreamFilter.WithRoomFor(1);
        filter.Add("card-4929");

        Convert.ToHexString(filter.Bytes).ShouldBe("0001084000021420");
    }
}
