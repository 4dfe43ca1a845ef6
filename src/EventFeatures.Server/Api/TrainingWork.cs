using EventFeatures.Api.V1;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Definitions;
using MediatR;
using TrainCommand = EventFeatures.Application.TrainingSets.TrainModel;

namespace EventFeatures.Server.Api;

/// <summary>Builds training sets and trains models, telling whoever wants to know how far it is.</summary>
internal sealed class TrainingWork(IMediator mediator, IRegistry registry, TrainingSetFolder folder)
{
    private const long Percent = 100;

    /// <param name="request">The call's request.</param>
    /// <param name="rows">The spine where it comes apart from the request; may be <see langword="null"/>.</param>
    /// <param name="tell">Hears the stage, and how much of it is done of how much; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<TrainingSet> BuildAsync(BuildTrainingSetRequest request, IAsyncEnumerable<Core.TrainingSets.SpineRow>? rows, Action<string, long, long>? tell, CancellationToken cancellation)
    {
        var command = TrainingMessages.ToCommand(request, folder.NewPath(request.Service)) with { Rows = rows, Progress = OfJoin(tell) };
        return TrainingMessages.Of(await mediator.Send(command, cancellation));
    }

    /// <inheritdoc cref="BuildAsync"/>
    public async Task<TrainModelResponse> TrainAsync(TrainModelRequest request, IAsyncEnumerable<Core.TrainingSets.SpineRow>? rows, Action<string, long, long>? tell, CancellationToken cancellation)
    {
        // An unknown model has no service; the command says so itself.
        var service = registry.Current.Models.GetValueOrDefault(request.Model)?.Definition.Service ?? "";
        var set = TrainingMessages.ToCommand(request, service, folder.NewPath(request.Model)) with { Rows = rows, Progress = OfJoin(tell) };
        var command = new TrainCommand(request.Model, set)
        {
            By = Callers.Actor(request.Actor),
            Progress = tell is null ? null : new Listener<double>(share => tell("train", (long)(share * Percent), Percent)),
        };
        if (request.HoldoutShare != 0) command = command with { HoldoutShare = request.HoldoutShare };
        var trained = await mediator.Send(command, cancellation);
        return new TrainModelResponse
        {
            Version = DefinitionMessages.Of(trained.Version),
            TrainingSet = TrainingMessages.Of(trained.TrainingSet),
            RowsTrained = trained.RowsTrained,
            RowsHeldOut = trained.RowsHeldOut,
            Coefficients = { trained.Coefficients.ToDictionary() },
            Intercept = trained.Intercept,
        };
    }

    private static Listener<TrainingSetProgress>? OfJoin(Action<string, long, long>? tell) =>
        tell is null ? null : new Listener<TrainingSetProgress>(progress => tell("join", progress.Rows, progress.Total));

    /// <summary>Hears progress where it happens, and so in its order; the library's own hands it to another thread.</summary>
    private sealed class Listener<TProgress>(Action<TProgress> hear) : IProgress<TProgress>
    {
        public void Report(TProgress value) => hear(value);
    }
}
