using EventFeatures.Api.V1;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Models;
using EventFeatures.Core.Definitions;
using Grpc.Core;
using MediatR;
using RegistryApi = EventFeatures.Api.V1.Registry;

namespace EventFeatures.Server.Api;

/// <summary>Definitions, models and training sets.</summary>
internal sealed class RegistryService(IMediator mediator, IRegistry registry, TrainingSetFolder trainingSets, CallsInWork calls) : RegistryApi.RegistryBase
{
    private readonly TrainingWork _training = new(mediator, registry, trainingSets);

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
            SwitchWhenCaughtUp = request.SwitchWhenCaughtUp,
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

    public override async Task<SwitchViewResponse> SwitchView(SwitchViewRequest request, ServerCallContext context)
    {
        var command = new SwitchView(request.View, request.Version == 0 ? null : request.Version)
        {
            By = Callers.Actor(request.Actor),
            Why = request.Reason,
            Force = request.Force,
            CorrelationId = Callers.Correlation(""),
        };
        var answer = await mediator.Send(command, context.CancellationToken);
        return new SwitchViewResponse { Served = answer.Served.ToString(), PreviousVersion = answer.PreviousVersion ?? 0, Position = answer.Position?.Value ?? 0 };
    }

    public override Task<RetireViewResponse> RetireView(RetireViewRequest request, ServerCallContext context) => RetireAsync(request, revive: false, context);

    public override Task<RetireViewResponse> ReviveView(RetireViewRequest request, ServerCallContext context) => RetireAsync(request, revive: true, context);

    private async Task<RetireViewResponse> RetireAsync(RetireViewRequest request, bool revive, ServerCallContext context)
    {
        var command = new RetireView(request.View, request.Version)
        {
            Revive = revive,
            By = Callers.Actor(request.Actor),
            Why = request.Reason,
            CorrelationId = Callers.Correlation(""),
        };
        var answer = await mediator.Send(command, context.CancellationToken);
        return new RetireViewResponse { View = answer.View.ToString(), Position = answer.Position?.Value ?? 0 };
    }

    public override async Task<TrainingSet> BuildTrainingSet(BuildTrainingSetRequest request, ServerCallContext context)
    {
        using var call = calls.Until(context);
        return await _training.BuildAsync(request, null, null, call.Token);
    }

    public override async Task BuildTrainingSetWithProgress(
        BuildTrainingSetRequest request, IServerStreamWriter<BuildTrainingSetReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var reports = new ProgressReports<BuildTrainingSetReport>(responseStream, progress => new BuildTrainingSetReport { Progress = progress });
        await reports.RunAsync(async tell => new BuildTrainingSetReport { Built = await _training.BuildAsync(request, null, tell, call.Token) }, call.Token);
    }

    public override async Task<TrainModelResponse> TrainModel(TrainModelRequest request, ServerCallContext context)
    {
        using var call = calls.Until(context);
        return await _training.TrainAsync(request, null, null, call.Token);
    }

    public override async Task TrainModelWithProgress(
        TrainModelRequest request, IServerStreamWriter<TrainModelReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var reports = new ProgressReports<TrainModelReport>(responseStream, progress => new TrainModelReport { Progress = progress });
        await reports.RunAsync(async tell => new TrainModelReport { Trained = await _training.TrainAsync(request, null, tell, call.Token) }, call.Token);
    }

    public override async Task BuildTrainingSetFromRows(
        IAsyncStreamReader<BuildTrainingSetPart> requestStream, IServerStreamWriter<BuildTrainingSetReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var parts = new SpineParts<BuildTrainingSetPart>(requestStream, part => part.Rows);
        var request = (await parts.FirstAsync(call.Token)).Request ?? throw SpineParts.RequestMissing();
        var reports = new ProgressReports<BuildTrainingSetReport>(responseStream, progress => new BuildTrainingSetReport { Progress = progress });
        await reports.RunAsync(
            async tell => new BuildTrainingSetReport { Built = await _training.BuildAsync(request, parts.RowsAsync(tell, call.Token), tell, call.Token) }, call.Token);
    }

    public override async Task TrainModelFromRows(
        IAsyncStreamReader<TrainModelPart> requestStream, IServerStreamWriter<TrainModelReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var parts = new SpineParts<TrainModelPart>(requestStream, part => part.Rows);
        var request = (await parts.FirstAsync(call.Token)).Request ?? throw SpineParts.RequestMissing();
        var reports = new ProgressReports<TrainModelReport>(responseStream, progress => new TrainModelReport { Progress = progress });
        await reports.RunAsync(
            async tell => new TrainModelReport { Trained = await _training.TrainAsync(request, parts.RowsAsync(tell, call.Token), tell, call.Token) }, call.Token);
    }

    public override async Task ExportView(ExportViewRequest request, IServerStreamWriter<ExportViewReport> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        await ExportMessages.SendAsync(await mediator.Send(ExportMessages.ToCommand(request), call.Token), responseStream, call.Token);
    }
}
