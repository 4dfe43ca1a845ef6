using CsCheck;
using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.FeatureViews.State;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

public sealed class SpillSortTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public void What_is_sorted_by_runs_on_disk_is_in_order_whatever_fits_in_memory() =>
        Gen.Select(Gen.Int[0, 50].Array[0, 60], Gen.Int[1, 20]).Sample(
            (items, itemsMax) =>
            {
                using var sort = new SpillSort<int>(Folder, Comparer<int>.Default, new Numbers(), itemsMax);
                foreach (var item in items) sort.Add(item);
                return sort.InOrder().SequenceEqual(items.Order());
            },
            iter: 50);

    [Fact]
    public void More_runs_than_may_be_open_are_merged_first()
    {
        using var sort = new SpillSort<int>(Folder, Comparer<int>.Default, new Numbers(), 1);
        for (var i = 0; i < 200; i++) sort.Add((i * 77) % 200);
        sort.InOrder().ShouldBe(Enumerable.Range(0, 200));
    }

    [Fact]
    public void A_list_keeps_its_order_on_disk()
    {
        using var list = new SpillList<int>(Folder, new Numbers(), 3);
        for (var i = 0; i < 10; i++) list.Add(10 - i);
        list.ReadAll().ShouldBe(Enumerable.Range(0, 10).Select(i => 10 - i));
    }

    [Fact]
    public void Nothing_lies_in_the_folder_even_while_it_is_in_use()
    {
        var folder = Directory.CreateTempSubdirectory("ef-spill-").FullName;
        using var sort = new SpillSort<int>(folder, Comparer<int>.Default, new Numbers(), 2);
        for (var i = 0; i < 10; i++) sort.Add(i);
        Directory.GetFiles(folder).ShouldBeEmpty();
        sort.InOrder().Count().ShouldBe(10);
        Directory.Delete(folder);
    }

    private sealed class Numbers : SpillFormat<int>
    {
        public override void Write(StateWriter writer, int item) => writer.WriteSigned(item);

        public override int Read(ref StateReader reader) => (int)reader.ReadSigned();
    }
}
