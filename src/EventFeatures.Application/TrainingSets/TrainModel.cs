using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Models;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Statistics;
using EventFeatures.Core.Time;
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
    IRegistry registry, IBatchViews batch, IEventLog log, ITrainingSetWriter writer, TrainingSetOptions options, ITrainer trainer, IModelStore store, IScorer scorer,
    IMediator mediator)
    : IRequestHandler<TrainModel, ModelTrained>
{
    private const int RowsMin = 20;

    // The trainer holds its rows in memory.
    private const int RowsMax = 5_000_000;

    private readonly TrainingSetBuilder _builder = new(registry, batch, log, writer, options);

    public async Task<ModelTrained> Handle(TrainModel request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        if (!registered.Models.TryGetValue(request.Model, out var model))
            throw Decision.Rejected("model-unknown", $"There is no model '{request.Model}'.", ServiceCatalog.Known(registered.Models.Keys, "models"));
        var wanted = request.TrainingSet.Service.Length == 0 ? request.TrainingSet with { Service = model.Definition.Service } : request.TrainingSet;
        var service = ServiceCatalog.Find(registered, wanted.Service).Service;
        if (service.Reference != model.Definition.Service)
            throw Decision.Rejected("service-mismatch", $"Model '{request.Model}' reads {model.Definition.Service}, but the training set is of {service.Reference}.", "Build the training set of the model's own service.");
        var labelled = new List<LabelledRow>();
        using var work = await _builder.SpoolAsync(wanted, row => Keep(row, labelled, service.Features.Count), cancellationToken);
        var (train, holdout) = Split(labelled, request);
        var joined = 0;
        var built = await work.WriteAsync(row => joined += row.Spine.Label is null ? 0 : labelled[joined].Take(row), cancellationToken);
        var names = work.InputNames;
        var trained = await Task.Run(
            () => trainer.Train([.. train.Select(row => row.Input)], [.. train.Select(row => (float)row.Label)], names, request.Progress, cancellationToken),
            cancellationToken);
        var metrics = await MeasureAsync(trained.Onnx, names.Count, holdout, model.Definition.Threshold, cancellationToken);
        var registration = await mediator.Send(
            new RegisterModel(request.Model) { Onnx = trained.Onnx, Metrics = metrics, TrainingSetDigest = built.ManifestDigest, By = request.By, CorrelationId = request.CorrelationId },
            cancellationToken);
        return new ModelTrained(
            request.Model, registration.Version, registration.Position, built, train.Count, holdout.Count, trained.Coefficients, trained.Intercept);
    }

    private void Keep(SpineRow row, List<LabelledRow> labelled, int inputs)
    {
        if (row.Label is not { } label) return;
        var rowsMax = Math.Min(RowsMax, options.TrainerValuesMax / inputs);
        if (labelled.Count == rowsMax)
            throw Decision.Rejected("labels-too-many", $"More than {rowsMax} rows have a label, each with {inputs} inputs, which the built-in trainer would have to hold in memory.", "Train on a sample, or build the training set, train elsewhere and register the ONNX file.");
        if (label is not (0 or 1))
            throw Decision.Rejected("label-not-binary", $"A row at {row.Time} has the label {label}; the built-in trainer learns from 0 and 1 alone.", "Give 0/1 labels, or train elsewhere and register the ONNX file.");
        labelled.Add(new LabelledRow(row.Time, label));
    }

    /// <summary>The latest rows are held out, since a model is asked about times after those that it learnt from.</summary>
    private static (List<LabelledRow> Train, List<LabelledRow> Holdout) Split(List<LabelledRow> rows, TrainModel request)
    {
        var labelled = rows.OrderBy(row => row.Time).ToList();
        var train = labelled[..(labelled.Count - (int)Math.Ceiling(labelled.Count * request.HoldoutShare))];
        var positives = train.Count(row => row.Label == 1);
        if (labelled.Count < RowsMin || positives == 0 || positives == train.Count)
            throw Decision.Rejected("labels-insufficient", $"{labelled.Count} rows have a label, and of the {train.Count} to learn from {positives} are positive.", $"Give at least {RowsMin} labelled rows with both outcomes among the earlier ones.");
        return (train, labelled[train.Count..]);
    }

    private async Task<IReadOnlyDictionary<string, double>> MeasureAsync(
        byte[] onnx, int inputs, List<LabelledRow> holdout, double threshold, CancellationToken cancellation)
    {
        var digest = await store.PutAsync(onnx, cancellation);
        using var ready = await scorer.LoadAsync(digest, inputs, cancellation);
        var scored = holdout.ConvertAll(row => new ScoredOutcome(ready.Score(row.Input, cancellation), row.Label == 1));
        return Performance.Of(scored, threshold).ToMetrics();
    }

    /// <summary>A row to learn from or to be measured on.</summary>
    private sealed class LabelledRow(Instant time, double label)
    {
        public Instant Time => time;

        public double Label => label;

        public float[] Input { get; private set; } = [];

        /// <summary>Takes its features over.</summary>
        /// <returns>1, so that rows can be counted.</returns>
        public int Take(JoinedRow joined)
        {
            Input = ModelInput.Of(joined.Inputs);
            return 1;
        }
    }
}
