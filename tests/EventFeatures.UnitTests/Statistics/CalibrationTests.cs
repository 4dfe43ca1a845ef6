using CsCheck;
using EventFeatures.Core.Statistics;
using Shouldly;
using Xunit;
using static EventFeatures.UnitTests.Statistics.Outcomes;

namespace EventFeatures.UnitTests.Statistics;

public class CalibrationTests
{
    [Fact]
    public void The_error_is_the_mean_gap_weighted_by_bin()
    {
        // Bin [0.1, 0.2): mean 0.15, frequency 0.5, 2 rows; bin [0.9, 1]: mean 0.95, frequency 1, 2 rows.
        ScoredOutcome[] scored = [No(0.1), Yes(0.19999), Yes(0.9), Yes(1)];
        var expected = (2 * (0.5 - (0.1 + 0.19999) / 2) + 2 * (1 - 0.95)) / 4;
        Calibration.ExpectedError(scored)!.Value.ShouldBe(expected, 1e-12);
    }

    [Fact]
    public void Truthful_probabilities_have_no_error() =>
        Calibration.ExpectedError([Yes(0.25), No(0.25), No(0.25), No(0.25)]).ShouldBe(0);

    [Fact]
    public void A_certain_miss_has_error_one() => Calibration.ExpectedError([No(1), Yes(0)]).ShouldBe(1);

    [Fact]
    public void Nothing_scored_has_no_error() => Calibration.ExpectedError([]).ShouldBeNull();

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.0999, 0)]
    [InlineData(0.1, 1)]
    [InlineData(0.95, 9)]
    [InlineData(1.0, 9)]
    public void A_probability_falls_in_the_bin_that_starts_at_or_below_it_and_one_joins_the_last(double probability, int bin) =>
        Calibration.Reliability([Yes(probability)]).Select(row => row.Count).ToList().IndexOf(1).ShouldBe(bin);

    [Fact]
    public void The_table_lists_empty_bins_too()
    {
        var table = Calibration.Reliability([Yes(0.3), No(0.4)], bins: 4);
        table.ShouldBe([
            new ReliabilityBin(0, 0.25, 0, null, null),
            new ReliabilityBin(0.25, 0.5, 2, 0.35, 0.5),
            new ReliabilityBin(0.5, 0.75, 0, null, null),
            new ReliabilityBin(0.75, 1, 0, null, null),
        ]);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    public void The_error_lies_between_the_total_gap_and_one(int bins) =>
        Any.Sample(scored =>
        {
            var error = Calibration.ExpectedError(scored, bins)!.Value;
            var gap = Math.Abs(scored.Average(row => row.Probability) - scored.Average(row => row.Outcome ? 1.0 : 0.0));
            error.ShouldBeInRange(gap - 1e-12, 1 + 1e-12);
            Calibration.Reliability(scored, bins).Sum(bin => bin.Count).ShouldBe(scored.Length);
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void A_number_of_bins_out_of_range_is_refused(int bins) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Calibration.Reliability([Yes(0.5)], bins)).Message.ShouldContain("1 to 1000");
}
