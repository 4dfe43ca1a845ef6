using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Models;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Statistics;
using EventFeatures.Core.TrainingSets;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.TrainingSets;

/// <summary>Builds a training set, trains the built-in trainer on its labelled rows, and registers the model.</summary>
/// <param name="Model">The model family's name.</param>
/// <param name="TrainingSet">What to train on; with an empty service, of the model's own.</param>
public sealed record TrainModel(string Model, BuildTrainingSet TrainingSet) : IRequest<ModelTrained>
{
    /// <summary>
    /// The share of labelled rows, the latest by spine time, that is held out and measured on. Range: 0.05 to 0.5. Default: 0.2.
    /// </summary>
    public double HoldoutShare { get; init; } = 0.2;

    /// <summary>Who trains.</summary>
    public required string By { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Hears the trainer's progress, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }
}

/// <summary>A model that is trained and registered, not yet promoted.</summary>
/// <param name="Model">The model family.</param>
/// <param name="Version">The registered version, with its metrics on the held-out rows.</param>
/// <param name="Position">The consistency token; null when the same model was registered before.</param>
/// <param name="TrainingSet">What it was trained on.</param>
/// <param name="RowsTrained">How many rows it learnt from.</param>
/// <param name="RowsHeldOut">How many rows it was measured on.</param>
/// <param name="Coefficients">By input, for people.</param>
/// <param name="Intercept">The intercept.</param>
public sealed record ModelTrained(
    string Model, ModelVersion Version, Position? Position, TrainingSetBuilt TrainingSet, long RowsTrained, long RowsHeldOut,
    IReadOnlyDictionary<string, double> Coefficients, double Intercept);

internal sealed class TrainModelValidator : AbstractValidator<TrainModel>
{
    public TrainModelValidator()
    {
        RuleFor(command => command.Model).NotEmpty().WithMessage("Name the model family.");
        RuleFor(command => command.By).NotEmpty().WithMessage("Say who trains; it is recorded.");
        RuleFor(command => command.HoldoutShare).InclusiveBetween(0.05, 0.5).WithMessage("Hold out between 0.05 and 0.5 of the rows.");
        RuleFor(command => command.TrainingSet).SetValidator(new BuildTrainingSetValidator());
    }
}

internal sealed class TrainModelHandler(
    IRegistry registry, IBatchViews batch, IEventLog log, ITrainingSetWriter writer, ITrainer trainer, IModelStore store, IScorer scorer, IMediator mediator)
    : IRequestHandler<TrainModel, ModelTrained>
{
    private const int RowsMin = 20;

    private readonly TrainingSetBuilder _builder = new(registry, batch, log);
    private readonly Scoring _scoring = new(scorer);

    public async Task<ModelTrained> Handle(TrainModel request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        if (!registered.Models.TryGetValue(request.Model, out var model))
            throw Decision.Rejected("model-unknown", $"There is no model '{request.Model}'.", ServiceCatalog.Known(registered.Models.Keys, "models"));
        var wanted = request.TrainingSet.Service.Length == 0 ? request.TrainingSet with { Service = model.Definition.Service } : request.TrainingSet;
        var service = ServiceCatalog.Find(registered, wanted.Service).Service;
        if (service.Reference != model.Definition.Service)
            throw Decision.Rejected("service-mismatch", $"Model '{request.Model}' reads {model.Definition.Service}, but the training set is of {service.Reference}.", "Build the training set of the model's own service.");
        var set = await _builder.JoinAsync(wanted, cancellationToken);
        var (train, holdout) = Split(set, request);
        var built = await TrainingSetFile.WriteAsync(writer, set, wanted, cancellationToken);
        var names = set.Service.InputNames;
        var trained = await Task.Run(
            () => trainer.Train([.. train.Select(row => set.Vectors[row].ToModelInput())], [.. train.Select(row => (float)set.Spine[row].Label!.Value)], names, request.Progress),
            cancellationToken);
        var metrics = await MeasureAsync(trained.Onnx, set, holdout, model.Definition.Threshold, cancellationToken);
        var registration = await mediator.Send(
            new RegisterModel(request.Model) { Onnx = trained.Onnx, Metrics = metrics, TrainingSetDigest = built.ManifestDigest, By = request.By, CorrelationId = request.CorrelationId },
            cancellationToken);
        return new ModelTrained(
            request.Model, registration.Version, registration.Position, built, train.Count, holdout.Count, trained.Coefficients, trained.Intercept);
    }

    /// <summary>The latest rows are held out, since a model is asked about times after those that it learnt from.</summary>
    private static (List<int> Train, List<int> Holdout) Split(JoinedSet set, TrainModel request)
    {
        var labelled = Enumerable.Range(0, set.Spine.Count).Where(row => set.Spine[row].Label is not null).OrderBy(row => set.Spine[row].Time).ToList();
        foreach (var row in labelled.Where(row => set.Spine[row].Label is not (0 or 1)))
            throw Decision.Rejected("label-not-binary", $"Row {row} has the label {set.Spine[row].Label}; the built-in trainer learns from 0 and 1 alone.", "Give 0/1 labels, or train elsewhere and register the ONNX file.");
        var train = labelled[..(labelled.Count - (int)Math.Ceiling(labelled.Count * request.HoldoutShare))];
        var positives = train.Count(row => set.Spine[row].Label == 1);
        if (labelled.Count < RowsMin || positives == 0 || positives == train.Count)
            throw Decision.Rejected("labels-insufficient", $"{labelled.Count} of {set.Spine.Count} rows have a label, and of the {train.Count} to learn from {positives} are positive.", $"Give at least {RowsMin} labelled rows with both outcomes among the earlier ones.");
        return (train, labelled[train.Count..]);
    }

    private async Task<IReadOnlyDictionary<string, double>> MeasureAsync(
        byte[] onnx, JoinedSet set, List<int> holdout, double threshold, CancellationToken cancellation)
    {
        var digest = await store.PutAsync(onnx, cancellation);
        await _scoring.LoadAsync(digest, set.Service.InputNames.Count, cancellation);
        var scored = holdout.ConvertAll(row => new ScoredOutcome(_scoring.Score(digest, set.Vectors[row].ToModelInput()), set.Spine[row].Label == 1));
        return Performance.Of(scored, threshold).ToMetrics();
    }
}
