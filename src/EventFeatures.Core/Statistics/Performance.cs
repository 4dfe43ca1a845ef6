namespace EventFeatures.Core.Statistics;

/// <summary>How well a model did on predictions with known outcomes. A measure that has no meaning for them is null.</summary>
/// <param name="Count">How many were scored.</param>
/// <param name="BaseRate">The share of positive outcomes.</param>
/// <param name="Accuracy">The share of right decisions at the threshold.</param>
/// <param name="Auc">Area under the ROC curve; null when either class is absent.</param>
/// <param name="LogLoss">In nats.</param>
/// <param name="Brier">Mean squared error.</param>
/// <param name="ExpectedCalibrationError">Over ten equal-width bins.</param>
public sealed record Performance(
    int Count, double? BaseRate, double? Accuracy, double? Auc, double? LogLoss, double? Brier, double? ExpectedCalibrationError)
{
    /// <summary>All measures of one list of predictions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A probability or the threshold is NaN or outside [0, 1].</exception>
    public static Performance Of(IReadOnlyList<ScoredOutcome> scored, double threshold = 0.5) => new(
        scored.Count,
        Statistics.Accuracy.BaseRate(scored),
        Statistics.Accuracy.Of(scored, threshold),
        Statistics.Auc.Of(scored),
        Statistics.LogLoss.Of(scored),
        Statistics.Brier.Of(scored),
        Calibration.ExpectedError(scored));

    /// <summary>The measures that exist, by the names that a model's card uses: <c>auc</c>, <c>ece</c>, <c>log_loss</c> and so on.</summary>
    public IReadOnlyDictionary<string, double> ToMetrics() =>
        new (string Name, double? Value)[]
        {
            ("rows", Count), ("base_rate", BaseRate), ("accuracy", Accuracy), ("auc", Auc),
            ("log_loss", LogLoss), ("brier", Brier), ("ece", ExpectedCalibrationError),
        }
        .Where(measure => measure.Value is not null)
        .ToDictionary(measure => measure.Name, measure => measure.Value!.Value);
}
