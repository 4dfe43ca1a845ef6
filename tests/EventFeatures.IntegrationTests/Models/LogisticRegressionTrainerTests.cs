using EventFeatures.Core.Models;
using EventFeatures.Core.Statistics;
using EventFeatures.Inference.Training;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Models;

public class LogisticRegressionTrainerTests
{
    private readonly LogisticRegressionTrainer _trainer = new();

    [Fact]
    public void Equal_rows_give_equal_bytes()
    {
        var (rows, labels) = SyntheticRows.Draw(3_000, -1, [1, -2, 0.5], nullShare: 0.1);
        var first = _trainer.Train(rows, labels, SyntheticRows.Names(3));
        var again = new LogisticRegressionTrainer().Train([.. rows.Select(row => (float[])row.Clone())], [.. labels], SyntheticRows.Names(3));
        again.Onnx.ShouldBe(first.Onnx);
        again.Coefficients.ShouldBe(first.Coefficients);
    }

    [Fact]
    public void Training_ends_with_its_caller()
    {
        var (rows, labels) = SyntheticRows.Draw(3_000, -1, [1, -2, 0.5]);
        using var gone = new CancellationTokenSource();
        var firstStep = new Steps(_ => gone.Cancel());
        Should.Throw<OperationCanceledException>(() => _trainer.Train(rows, labels, SyntheticRows.Names(3), firstStep, gone.Token));
    }

    private sealed class Steps(Action<double> done) : IProgress<double>
    {
        public void Report(double value) => done(value);
    }

    [Fact]
    public void Known_coefficients_are_recovered()
    {
        double[] truth = [1.5, -2, 0, 0.7];
        var (rows, labels) = SyntheticRows.Draw(60_000, -1, truth);
        var trained = _trainer.Train(rows, labels, SyntheticRows.Names(4));
        for (var feature = 0; feature < truth.Length; feature++)
            (trained.Coefficients[$"view__feature_{feature}"] * SyntheticRows.Scale(feature)).ShouldBe(truth[feature], 0.07);
        var shift = truth.Select((coefficient, feature) => coefficient / SyntheticRows.Scale(feature) * 3 * feature).Sum();
        trained.Intercept.ShouldBe(-1 - shift, 0.2);
        trained.Iterations.ShouldBeInRange(3, 20);
    }

    [Fact]
    public void Rare_positives_keep_calibrated_probabilities()
    {
        var (rows, labels) = SyntheticRows.Draw(40_000, -5, [1, 1]);
        var trained = _trainer.Train(rows, labels, SyntheticRows.Names(2));
        var scored = rows.Select((row, index) => new ScoredOutcome(Evaluate(trained, row), labels[index] == 1)).ToArray();
        Accuracy.BaseRate(scored)!.Value.ShouldBeLessThan(0.02);
        scored.Average(row => row.Probability).ShouldBe(Accuracy.BaseRate(scored)!.Value, 1e-6);
        Calibration.ExpectedError(scored)!.Value.ShouldBeLessThan(0.005);
    }

    [Fact]
    public void Separable_rows_end_in_finite_coefficients()
    {
        float[][] rows = [[-2], [-1], [1], [2]];
        var trained = _trainer.Train(rows, [0, 0, 1, 1], ["x"]);
        trained.Coefficients["x"].ShouldBeInRange(0.1, 5);
        trained.Iterations.ShouldBeLessThan(100);
    }

    [Fact]
    public void Almost_no_ridge_on_separable_rows_still_ends_in_finite_coefficients()
    {
        float[][] rows = [[-2, 1], [-1, 1], [1, 1], [2, 1]];
        var trained = new LogisticRegressionTrainer(ridge: 1e-9).Train(rows, [0, 0, 1, 1], ["x", "constant"]);
        double.IsFinite(trained.Coefficients["x"]).ShouldBeTrue();
        Evaluate(trained, [2, 1]).ShouldBeGreaterThan(0.999);
    }

    [Fact]
    public void Columns_that_say_nothing_get_no_weight()
    {
        var (rows, labels) = SyntheticRows.Draw(500, 0, [2]);
        float[][] wider = [.. rows.Select(row => new[] { row[0], 0.1f, float.NaN, row[0] })];
        var trained = _trainer.Train(wider, labels, ["x", "constant", "never known", "x again"]);
        trained.Coefficients["constant"].ShouldBe(0);
        trained.Coefficients["never known"].ShouldBe(0);
        trained.Coefficients["x again"].ShouldBe(trained.Coefficients["x"], 1e-9);
    }

    [Fact]
    public void Progress_rises_to_one()
    {
        var (rows, labels) = SyntheticRows.Draw(500, 0, [2, 1]);
        var reports = new Reports();
        _trainer.Train(rows, labels, SyntheticRows.Names(2), reports);
        reports.Values.Count.ShouldBeGreaterThan(2);
        reports.Values.ShouldAllBe(done => done >= 0 && done <= 1);
        reports.Values[^1].ShouldBe(1);
    }

    [Fact]
    public void Rows_that_cannot_be_learnt_from_are_refused_by_name()
    {
        Refusal([[1], [2]], [1, 1], ["x"]).ShouldContain("nothing to tell apart");
        Refusal([], [], ["x"]).ShouldContain("nothing to tell apart");
        Refusal([[1], [2, 3]], [0, 1], ["x"]).ShouldContain("Row 1 has 2 values for 1 features");
        Refusal([[1], [float.PositiveInfinity]], [0, 1], ["x"]).ShouldContain("for 'x'");
        Refusal([[1], [2]], [0, 0.5f], ["x"]).ShouldContain("Row 1 has label 0.5");
        Refusal([[1], [2]], [0], ["x"]).ShouldContain("2 rows but 1 labels");
        Refusal([[1, 1], [2, 1]], [0, 1], ["x", "x"]).ShouldContain("'x' is named 2 times");
        Refusal([[], []], [0, 1], []).ShouldContain("no feature");
        Should.Throw<ArgumentOutOfRangeException>(() => new LogisticRegressionTrainer(ridge: 0));
    }

    internal static double Evaluate(TrainedModel trained, float[] row) =>
        1 / (1 + Math.Exp(-(trained.Intercept + trained.Coefficients.Values.Select((coefficient, index) => coefficient * row[index]).Sum())));

    private string Refusal(float[][] rows, float[] labels, string[] names) =>
        Should.Throw<ModelInvalidException>(() => _trainer.Train(rows, labels, names)).Message;

    private sealed class Reports : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
