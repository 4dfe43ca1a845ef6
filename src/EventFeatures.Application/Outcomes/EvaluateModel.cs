using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Statistics;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Outcomes;

/// <summary>How well a model's predictions turned out, over those whose outcome is known.</summary>
/// <param name="Model">The model family's name.</param>
public sealed record EvaluateModel(string Model) : IRequest<ModelPerformance>;

/// <summary>How well a model's predictions turned out.</summary>
/// <param name="Model">The model family.</param>
/// <param name="Versions">By model version, oldest first.</param>
/// <param name="Fallbacks">How many predictions the fallback answered.</param>
/// <param name="Unreadable">Predictions and outcomes that were left out because they cannot be read.</param>
public sealed record ModelPerformance(string Model, IReadOnlyList<VersionPerformance> Versions, long Fallbacks, UnreadableDossiers Unreadable);

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

internal sealed class EvaluateModelValidator : AbstractValidator<EvaluateModel>
{
    public EvaluateModelValidator() => RuleFor(query => query.Model).NotEmpty().WithMessage("Name the model.");
}

internal sealed class EvaluateModelHandler(IRegistry registry, IEventLog log) : IRequestHandler<EvaluateModel, ModelPerformance>
{
    public async Task<ModelPerformance> Handle(EvaluateModel request, CancellationToken cancellationToken)
    {
        if (!registry.Current.Models.ContainsKey(request.Model))
            throw Decision.Rejected("model-unknown", $"There is no model '{request.Model}'.", ServiceCatalog.Known(registry.Current.Models.Keys, "models"));
        // Where to stop, while predictions go on being made.
        var head = await log.ReadHeadAsync(cancellationToken) ?? Position.Start;
        var dossiers = new DossierReader();
        var predictions = await PredictionOutcomes.ReadAsync(log, dossiers, request.Model, head, cancellationToken);
        var versions = predictions
            .Where(prediction => prediction.Version is not null)
            .GroupBy(prediction => prediction.Version!.Value)
            .OrderBy(version => version.Key)
            .Select(version => Measure(version.Key, [.. version]));
        return new ModelPerformance(request.Model, [.. versions], predictions.Count(prediction => prediction.IsFallback), dossiers.Unreadable);
    }

    private static VersionPerformance Measure(int version, IReadOnlyList<PredictionOutcome> predictions)
    {
        var known = predictions.Where(prediction => prediction.IsKnown).ToList();
        var scored = known.ConvertAll(prediction => new ScoredOutcome(prediction.Score, prediction.Outcome == 1));
        var measured = Performance.Of(scored);
        return new VersionPerformance(
            version, predictions.Count, known.Count, scored.Count(one => one.Outcome),
            known.Count > 0 ? (double)known.Count(prediction => prediction.IsRight) / known.Count : null,
            measured.Auc, measured.LogLoss, measured.Brier, measured.ExpectedCalibrationError);
    }
}
