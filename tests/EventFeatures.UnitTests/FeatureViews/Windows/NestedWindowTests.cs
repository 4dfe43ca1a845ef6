using CsCheck;
using EventFeatures.Core.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>Features that share a fold over windows within one another have the bits that each has alone.</summary>
public sealed class NestedWindowTests
{
    private static readonly (string Aggregate, string? Of, string? Where)[] Folds =
    [
        ("count", null, null), ("sum", "amount", null), ("sum", "amount", "approved"), ("mean", "exact", null), ("stddev_samp", "amount", null),
        ("first", "country", null), ("last", "country", null), ("distinct_count", "country", null), ("median", "amount", null), ("seconds_since_last", null, null),
        ("rate", null, null), ("rate", "amount", null),
    ];

    [Fact]
    public void Windows_that_lie_within_one_another_give_the_bits_of_each_alone() =>
        Gen.Select(Gen.OneOf("20m", "1h", "3h", "1d").Array[3], Gen.OneOf(Folds).Array[2], WindowSamples.Any, WindowSamples.Streams, WindowSamples.Instants.Array[4]).Sample((lengths, folds, other, stream, instants) =>
        {
            Feature[] features =
            [
                .. from length in lengths from fold in folds select Cards.Feature(fold.Aggregate, fold.Of, Cards.Last(length), fold.Where),
                Cards.Feature("sum", "amount", other), Cards.Feature("sum", "amount", other with { Offset = new(0) }), Cards.Feature("count", null, Cards.Ever),
            ];
            features = [.. features.Select((feature, number) => feature with { Name = $"f{number}" })];
            var together = Cards.Compiled(features);
            var alone = features.Select(feature => Cards.Compiled(feature)).ToList();
            foreach (var asOf in instants)
                together.Evaluate(together.Admit(stream).Rows, asOf).ShouldBe(alone.Select(view => view.Evaluate(view.Admit(stream).Rows, asOf)[0]));
        }, iter: 150, threads: 1);
}
