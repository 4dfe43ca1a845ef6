using EventFeatures.Core.Models;
using MediatR;

namespace EventFeatures.Application.TrainingSets;

/// <summary>Builds a training set, trains the built-in trainer on its labelled rows, and registers the model.</summary>
/// <param name="Model">The model family's name.</param>
/// <param name="TrainingSet">What to train on.</param>
public sealed record TrainModel(string Model, BuildTrainingSet TrainingSet) : IRequest<ModelTrained>
{
    /// <summary>
    /// The share of labelled rows, the latest by spine time, that is held out and measured on. Range: 0.05 to 0.5. Default: 0.2.
    /// </summary>
    public double HoldoutShare { get; init; } = 0.2;

    /// <summary>Who trains.</summary>
    public string? By { get; init; }

    /// <summary>Hears the trainer's progress, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }
}

/// <summary>A model that is trained and registered, not yet promoted.</summary>
/// <param name="Version">The registered version, with its metrics on the held-out rows.</param>
/// <param name="TrainingSet">What it was trained on.</param>
/// <param name="RowsTrained">How many rows it learnt from.</param>
/// <param name="RowsHeldOut">How many rows it was measured on.</param>
/// <param name="Coefficients">By input, for people.</param>
/// <param name="Intercept">The intercept.</param>
public sealed record ModelTrained(
    ModelVersion Version, TrainingSetBuilt TrainingSet, long RowsTrained, long RowsHeldOut,
    IReadOnlyDictionary<string, double> Coefficients, double Intercept);
