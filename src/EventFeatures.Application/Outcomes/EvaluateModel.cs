using MediatR;

namespace EventFeatures.Application.Outcomes;

/// <summary>How well a model's predictions turned out, over those whose outcome is known.</summary>
/// <param name="Model">The model family's name.</param>
public sealed record EvaluateModel(string Model) : IRequest<ModelPerformance>;

/// <summary>How well a model's predictions turned out.</summary>
/// <param name="Model">The model family.</param>
/// <param name="Versions">By model version, oldest first.</param>
/// <param name="Fallbacks">How many predictions the fallback answered.</param>
public sealed record ModelPerformance(string Model, IReadOnlyList<VersionPerformance> Versions, long Fallbacks);

/// <summary>How well one version's predictions turned out.</summary>
/// <param name="Version">The model's version.</param>
/// <param name="Predictions">How many it made.</param>
/// <param name="WithOutcome">How many of them have a 0/1 outcome; the measures are over these.</param>
/// <param name="Positives">How many outcomes are 1.</param>
/// <param name="Accuracy">The share of decisions that the outcome bore out; null without outcomes.</param>
/// <param name="Auc">Area under the ROC curve; null unless both outcomes occur.</param>
/// <param name="LogLoss">Mean logarithmic loss; null without outcomes.</param>
/// <param name="Brier">Mean squared error of the probability; null without outcomes.</param>
/// <param name="CalibrationError">Expected calibration error; null without outcomes.</param>
public sealed record VersionPerformance(
    int Version, long Predictions, long WithOutcome, long Positives,
    double? Accuracy, double? Auc, double? LogLoss, double? Brier, double? CalibrationError);
