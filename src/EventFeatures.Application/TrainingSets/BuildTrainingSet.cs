using EventFeatures.Application.Predictions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.TrainingSets;

/// <summary>Joins features onto a spine, point in time, into a file with a manifest beside it.</summary>
/// <param name="Service">The feature service, <c>name@v1</c> or <c>name</c> for its newest version.</param>
/// <param name="Path">The file to write; the manifest is written beside it, with <c>.manifest.json</c> added.</param>
public sealed record BuildTrainingSet(string Service, string Path) : IRequest<TrainingSetBuilt>
{
    /// <summary>The rows; rows out are rows in, in order. Empty where they come in another way.</summary>
    public IReadOnlyList<SpineRow> Spine { get; init; } = [];

    /// <summary>The same as a stream, which is read once and may have any length; null where they come in another way.</summary>
    public IAsyncEnumerable<SpineRow>? Rows { get; init; }

    /// <summary>Instead of rows: the recorded predictions of this model, each with its own time and position, labelled by its outcome.</summary>
    public string? FromPredictionsOf { get; init; }

    /// <summary>Which events a row may know. Default: only what had been recorded by its time.</summary>
    public Knowledge Knowledge { get; init; } = Knowledge.Recorded;

    /// <summary>The last position that may be used by any row; null: the log's end.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>Hears how many rows are joined, of how many.</summary>
    public IProgress<TrainingSetProgress>? Progress { get; init; }
}

/// <summary>How far the join has come.</summary>
public sealed record TrainingSetProgress(long Rows, long Total);

/// <summary>A training set that is on disk.</summary>
/// <param name="Path">The file.</param>
/// <param name="ManifestPath">The manifest's file.</param>
/// <param name="ManifestDigest">SHA-256 of the manifest, which names the training set.</param>
/// <param name="FileDigest">SHA-256 of the file.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Labelled">How many of them have a label.</param>
/// <param name="KnownAt">The last position that was used.</param>
/// <param name="Hindsight">Whether rows may know what was recorded after their time.</param>
/// <param name="Leaks">What the leak check found.</param>
/// <param name="Unreadable">Predictions and outcomes that a spine of predictions leaves out because they cannot be read.</param>
public sealed record TrainingSetBuilt(
    string Path, string ManifestPath, string ManifestDigest, string FileDigest, long Rows, long Labelled, Position KnownAt,
    bool Hindsight, LeakReport Leaks, UnreadableDossiers Unreadable);

/// <summary>What an independent refold of every row found.</summary>
/// <param name="RowsChecked">How many rows were folded again from events in the log's order.</param>
/// <param name="Leaks">Rows with a feature that rests on an event recorded after the row's time.</param>
/// <param name="Mismatches">Rows with a feature whose bits differ from the refold's.</param>
/// <param name="First">The first finding for people; empty when there is none.</param>
public sealed record LeakReport(long RowsChecked, long Leaks, long Mismatches, string First)
{
    /// <summary>How many rows of the spine state their own position, which says alone what they may know.</summary>
    public long Stated { get; init; }

    /// <summary>Those of them with a feature that rests on an event recorded after the row's time. It is what they ask for, so none is a leak; it is hindsight all the same.</summary>
    public long StatedLater { get; init; }
}

internal sealed class BuildTrainingSetValidator : AbstractValidator<BuildTrainingSet>
{
    public BuildTrainingSetValidator()
    {
        RuleFor(command => command.Path).NotEmpty().WithMessage("Say which file to write.");
        RuleFor(command => command.Knowledge).IsInEnum().WithMessage("Knowledge is recorded or latest.");
        RuleFor(command => command.Spine)
            .Must((command, spine) => new[] { spine.Count > 0, command.Rows is not null, command.FromPredictionsOf is not null }.Count(given => given) == 1)
            .WithMessage("Give either the rows of a spine, or the model whose recorded predictions are the spine.");
    }
}

internal sealed class BuildTrainingSetHandler(IRegistry registry, IBatchViews batch, IEventLog log, ITrainingSetWriter writer, TrainingSetOptions options)
    : IRequestHandler<BuildTrainingSet, TrainingSetBuilt>
{
    private readonly TrainingSetBuilder _builder = new(registry, batch, log, writer, options);

    public async Task<TrainingSetBuilt> Handle(BuildTrainingSet request, CancellationToken cancellationToken)
    {
        using var work = await _builder.SpoolAsync(request, null, cancellationToken);
        return await work.WriteAsync(null, cancellationToken);
    }
}
