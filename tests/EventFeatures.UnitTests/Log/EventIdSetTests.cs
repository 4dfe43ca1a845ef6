using CsCheck;
using EventFeatures.Log.EmbeddedNode.Writing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class EventIdSetTests
{
    [Fact]
    public void It_never_denies_an_id_that_it_holds() => Gen.Guid.Array[0, 500].Sample(ids =>
    {
        var set = new EventIdSet();
        foreach (var id in ids) set.Add(id);
        return ids.All(set.MayContain);
    });

    // One that is not denied costs a look through its whole stream.
    [Fact]
    public void It_denies_about_all_others()
    {
        var set = new EventIdSet();
        for (var index = 0; index < 500_000; index++) set.Add(Id(index));

        Enumerable.Range(1_000_000, 500_000).Count(index => set.MayContain(Id(index))).ShouldBeLessThan(3);
    }

    // Ids that differ in few bits, as those of one producer do.
    private static Guid Id(int index) => new(index, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
