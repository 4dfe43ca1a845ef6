using CsCheck;
using EventFeatures.Core.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class IdSetTests
{
    private static readonly Gen<(bool Adds, int Id)[]> Steps = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 30], (kind, id) => (kind > 0, id)).Array[0, 80];

    [Fact]
    public void It_holds_the_ids_that_were_added_and_not_taken_out_since_be_they_few_or_many() => Steps.Sample(
        steps =>
        {
            var (ids, expected) = (new IdSet(), new HashSet<int>());
            foreach (var (adds, id) in steps)
            {
                if (adds) ids.Add(Of(id));
                else ids.Remove(Of(id));
                if (adds) expected.Add(id);
                else expected.Remove(id);
            }
            Enumerable.Range(0, 31).Where(id => ids.Contains(Of(id))).ShouldBe(expected.Order());
        },
        iter: 300);

    private static Guid Of(int id) => new(id, 0, 0, new byte[8]);
}
