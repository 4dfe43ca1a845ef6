using EventFeatures.Api.V1;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.Models;
using EventFeatures.Core.Definitions;
using Grpc.Core;
using MediatR;
using RegistryApi = EventFeatures.Api.V1.Registry;
using TrainCommand = EventFeatures.Application.TrainingSets.TrainModel;

namespace EventFeatures.Server.Api;

/// <summary>Definitions, models and training sets.</summary>
internal sealed class RegistryService(IMediator mediator, IRegistry registry, TrainingSetFolder trainingSets, CallsInWork calls) : RegistryApi.RegistryBase
{
    public override async Task<PlanResponse> Plan(PlanRequest request, ServerCallContext context)
    {
        try
        {
            var plan = await mediator.Send(new PlanDefinitions(DefinitionMessages.Files(request.Files)), context.CancellationToken);
            return new PlanResponse { Changes = { plan.Changes.Select(DefinitionMessages.Of) } };
        }
        catch (DefinitionInvalidException invalid)
        {
            // Planning is how a team finds out; what is wrong with the files is the answer, not an error.
            return new PlanResponse { Issues = { invalid.Issues.Select(DefinitionMessages.Of) } };
        }
    }

    public override async Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context)
    {
        var command = new ApplyDefinitions(DefinitionMessages.Files(request.Files))
        {
            By = Callers.Actor(request.Actor),
            Why = request.Reason,
            DryRun = request.DryRun,
            CorrelationId = Callers.Correlation(""),
        };
        var applied = await mediator.Send(command, context.CancellationToken);
        return new ApplyResponse { Changes = { applied.Plan.Changes.Select(DefinitionMessages.Of) }, Position = applied.Position?.Value ?? 0 };
    }

    public override Task<DefinitionDetail> Get(GetDefinitionRequest request, ServerCallContext context) =>
        Task.FromResult(RegisteredDefinitions.Detail(registry.Current, request));

    public override Task<ListDefinitionsResponse> List(ListDefinitionsRequest request, ServerCallContext context) =>
        Task.FromResult(RegisteredDefinitions.List(registry.Current, request.Kind));

    public override async Task<RegisterModelResponse> RegisterModel(RegisterModelRequest request, ServerCallContext context)
    {
        var command = new RegisterModel(request.Model)
        {
            Onnx = request.Onnx.Memory,
            Digest = Fields.TextOrNone(request.Digest),
            Metrics = new Dictionary<string, double>(request.Metrics),
            TrainingSetDigest = Fields.TextOrNone(request.TrainingSetDigest),
            By = Callers.Actor(request.Actor),
            CorrelationId = Callers.Correlation(""),
        };
        var answer = await mediator.Send(command, context.CancellationToken);
        return new RegisterModelResponse { Version = DefinitionMessages.Of(answer.Version), Position = answer.Position?.Value ?? 0 };
    }

    public override async Task<PromoteModelResponse> PromoteModel(PromoteModelRequest request, ServerCallContext context)
    {
        var command = new PromoteModel(request.Model, request.Version)
        {
            By = Callers.Actor(request.Actor),
            Why = request.Reason,
            CorrelationId = Callers.Correlation(""),
        };
        var answer = await mediator.Send(command, context.CancellationToken);
        return new PromoteModelResponse
        {
            Champion = DefinitionMessages.Of(answer.Champion),
            PreviousVersion = answer.PreviousVersion ?? 0,
            Position = answer.Position?.Value ?? 0,
        };
    }

    public override async Task<TrainingSet> BuildTrainingSet(BuildTrainingSetRequest request, ServerCallContext context)
    {
        var command = TrainingMessages.ToCommand(request, trainingSets.NewPath(request.Service));
        using var call = calls.Until(context);
        return TrainingMessages.Of(await mediator.Send(command, call.Token));
    }

    public override async Task<TrainModelResponse> TrainModel(TrainModelRequest request, ServerCallContext context)
    {
        // An unknown model has no service; the command says so itself.
        var service = registry.Current.Models.GetValueOrDefault(request.Model)?.Definition.Service ?? "";
        var command = new TrainCommand(request.Model, TrainingMessages.ToCommand(request, service, trainingSets.NewPath(request.Model)))
        {
            By = Callers.Actor(request.Actor),
        };
        if (request.HoldoutShare != 0) command = command with { HoldoutShare = request.HoldoutShare };
        using var call = calls.Until(context);
        var trained = await mediator.Send(command, call.Token);
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
}
