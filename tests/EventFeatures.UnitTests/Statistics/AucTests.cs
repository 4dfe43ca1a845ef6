using CsCheck;
using EventFeatures.Core.Statistics;
using Shouldly;
using Xunit;
using static EventFeatures.UnitTests.Statistics.Outcomes;

namespace EventFeatures.UnitTests.Statistics;

public class AucTests
{
    [Fact]
    public void A_perfect_ranking_has_area_one() =>
        Auc.Of([No(0.1), No(0.2), Yes(0.3), Yes(0.9)]).ShouldBe(1);

    [Fact]
    public void A_reversed_ranking_has_area_zero() =>
        Auc.Of([Yes(0.1), No(0.2)]).ShouldBe(0);

    [Fact]
    public void A_tie_counts_one_half() =>
        // Pairs: (0.8, 0.4) won, (0.8, 0.8) tied, (0.4, 0.4) tied, (0.4, 0.8) lost: 2 of 4.
        Auc.Of([Yes(0.8), Yes(0.4), No(0.4), No(0.8)]).ShouldBe(0.5);

    [Fact]
    public void Three_of_four_pairs_ranked_right_is_three_quarters() =>
        Auc.Of([No(0.1), No(0.4), Yes(0.35), Yes(0.8)]).ShouldBe(0.75);

    [Fact]
    public void Without_both_classes_there_is_no_area()
    {
        Auc.Of([]).ShouldBeNull();
        Auc.Of([Yes(0.5), Yes(0.6)]).ShouldBeNull();
        Auc.Of([No(0.5)]).ShouldBeNull();
    }

    [Fact]
    public void The_area_equals_the_share_of_pairs_whatever_the_order() =>
        Any.Sample(scored =>
        {
            var pairs = (from positive in scored where positive.Outcome
                         from negative in scored where !negative.Outcome
                         select positive.Probability > negative.Probability ? 2 : positive.Probability == negative.Probability ? 1 : 0).ToList();
            double? naive = pairs.Count == 0 ? null : pairs.Sum() / (2.0 * pairs.Count);
            Auc.Of(scored).ShouldBe(naive);
            Auc.Of([.. scored.Reverse()]).ShouldBe(naive);
        });

    [Fact]
    public void Swapping_the_outcomes_mirrors_the_area() =>
        Any.Sample(scored =>
        {
            var swapped = scored.Select(row => row with { Outcome = !row.Outcome }).ToArray();
            if (Auc.Of(scored) is { } area) Auc.Of(swapped)!.Value.ShouldBe(1 - area, 1e-12);
        });
}
