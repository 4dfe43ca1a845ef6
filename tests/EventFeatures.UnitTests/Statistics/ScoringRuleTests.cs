using CsCheck;
using EventFeatures.Core.Statistics;
using Shouldly;
using Xunit;
using static EventFeatures.UnitTests.Statistics.Outcomes;

namespace EventFeatures.UnitTests.Statistics;

public class ScoringRuleTests
{
    [Fact]
    public void Log_loss_is_the_mean_negative_log_of_what_came_true() =>
        LogLoss.Of([Yes(0.8), No(0.4)])!.Value.ShouldBe(-(Math.Log(0.8) + Math.Log(0.6)) / 2, 1e-15);

    [Fact]
    public void A_confident_miss_costs_a_bounded_log_loss() =>
        LogLoss.Of([No(1)])!.Value.ShouldBe(34.538776394910684, 1e-9);

    [Fact]
    public void Brier_is_the_mean_squared_error() =>
        Brier.Of([Yes(0.8), No(0.4), No(0)])!.Value.ShouldBe((0.04 + 0.16) / 3, 1e-15);

    [Fact]
    public void A_constant_half_has_brier_one_quarter() =>
        Any.Sample(scored => Brier.Of([.. scored.Select(row => row with { Probability = 0.5 })]).ShouldBe(0.25));

    [Fact]
    public void Stating_the_base_rate_is_the_best_constant() =>
        Any.Sample(scored =>
        {
            var rate = Accuracy.BaseRate(scored)!.Value;
            var best = Brier.Of([.. scored.Select(row => row with { Probability = rate })])!.Value;
            for (var constant = 0.0; constant <= 1; constant += 0.125)
                best.ShouldBeLessThanOrEqualTo(Brier.Of([.. scored.Select(row => row with { Probability = constant })])!.Value + 1e-12);
        });

    [Theory]
    [InlineData(0.5, 0.75)]
    [InlineData(0.6, 0.5)]
    [InlineData(0.0, 0.5)]
    [InlineData(1.0, 0.5)]
    public void Accuracy_counts_a_probability_at_the_threshold_as_positive(double threshold, double expected) =>
        Accuracy.Of([Yes(0.5), Yes(0.4), No(0.2), No(0.3)], threshold).ShouldBe(expected);

    [Fact]
    public void Nothing_scored_has_no_measure_rather_than_zero()
    {
        LogLoss.Of([]).ShouldBeNull();
        Brier.Of([]).ShouldBeNull();
        Accuracy.Of([]).ShouldBeNull();
        Accuracy.BaseRate([]).ShouldBeNull();
        Performance.Of([]).ShouldBe(new Performance(0, null, null, null, null, null, null));
        Performance.Of([]).ToMetrics().ShouldBe(new Dictionary<string, double> { ["rows"] = 0 });
    }

    [Fact]
    public void A_performance_holds_every_measure_by_its_name()
    {
        ScoredOutcome[] scored = [Yes(0.9), No(0.2), No(0.1)];
        var metrics = Performance.Of(scored).ToMetrics();
        metrics.Keys.ShouldBe(["rows", "base_rate", "accuracy", "auc", "log_loss", "brier", "ece"]);
        metrics["auc"].ShouldBe(1);
        metrics["accuracy"].ShouldBe(1);
        metrics["base_rate"].ShouldBe(1 / 3.0);
        metrics["brier"].ShouldBe(0.02, 1e-15);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.001)]
    [InlineData(1.001)]
    public void What_is_not_a_probability_is_refused_by_row(double value)
    {
        ScoredOutcome[] scored = [Yes(0.5), No(value)];
        foreach (var measure in new Func<IReadOnlyList<ScoredOutcome>, object?>[]
                 { rows => Auc.Of(rows), rows => LogLoss.Of(rows), rows => Brier.Of(rows), rows => Accuracy.Of(rows), rows => Calibration.ExpectedError(rows) })
            Should.Throw<ArgumentOutOfRangeException>(() => measure(scored)).Message.ShouldContain("Row 1 is not a probability");
    }
}
