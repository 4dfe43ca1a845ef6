using EventFeatures.Api.V1;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Events;
using Grpc.Core;
using MediatR;
using DossierMessage = EventFeatures.Api.V1.PredictionDossier;
using InferenceApi = EventFeatures.Api.V1.Inference;
using Evaluation = EventFeatures.Application.Outcomes.EvaluateModel;
using OutcomeCommand = EventFeatures.Application.Outcomes.RecordOutcome;

namespace EventFeatures.Server.Api;

/// <summary>Scores, and takes outcomes.</summary>
internal sealed class InferenceService(IMediator mediator, CallsInWork calls) : InferenceApi.InferenceBase
{
    public override async Task<Prediction> Predict(PredictRequest request, ServerCallContext context)
    {
        var command = new Predict(request.Model, new Dictionary<string, string>(request.Entities, StringComparer.Ordinal))
        {
            PredictionId = Fields.TextOrNone(request.PredictionId),
            Context = request.Context.ToValues("context"),
            AsOf = Fields.TimeOrNone(request.AsOf, "as_of"),
            KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
            MinPosition = Fields.PositionOrNone(request.MinPosition),
            CorrelationId = Callers.Correlation(request.CorrelationId),
        };
        var answer = await mediator.Send(command, context.CancellationToken);
        return answer.Made.ToMessage(answer.Position, repeated: answer.Repeated);
    }

    public override async Task<DossierMessage> GetPrediction(GetPredictionRequest request, ServerCallContext context) =>
        (await mediator.Send(new GetPrediction(request.PredictionId), context.CancellationToken)).ToMessage();

    public override async Task<RecordOutcomeResponse> RecordOutcome(RecordOutcomeRequest request, ServerCallContext context)
    {
        var command = new OutcomeCommand(request.PredictionId, request.Label, Fields.TimeOrNone(request.OccurredAt, "occurred_at"))
        {
            OutcomeId = Fields.TextOrNone(request.OutcomeId),
            RecordedAt = Fields.TimeOrNone(request.RecordedAt, "recorded_at"),
            By = Fields.TextOrNone(request.Source),
            CorrelationId = Callers.Correlation(request.CorrelationId),
        };
        var answer = await mediator.Send(command, context.CancellationToken);
        return new RecordOutcomeResponse { OutcomeId = answer.OutcomeId, Position = answer.Position.Value };
    }

    public override async Task<ModelPerformance> EvaluateModel(EvaluateModelRequest request, ServerCallContext context)
    {
        using var call = calls.Until(context);
        var answer = await mediator.Send(new Evaluation(request.Model), call.Token);
        return new ModelPerformance
        {
            Model = answer.Model,
            Fallbacks = answer.Fallbacks,
            Versions = { answer.Versions.Select(ToMessage) },
            Unreadable = answer.Unreadable.Count,
            UnreadablePosition = answer.Unreadable.First?.Value ?? 0,
        };
    }

    private static VersionPerformance ToMessage(Application.Outcomes.VersionPerformance version)
    {
        var message = new VersionPerformance
        {
            Version = version.Version,
            Predictions = version.Predictions,
            WithOutcome = version.WithOutcome,
            Positives = version.Positives,
        };
        if (version.Accuracy is { } accuracy) message.Accuracy = accuracy;
        if (version.Auc is { } auc) message.Auc = auc;
        if (version.LogLoss is { } logLoss) message.LogLoss = logLoss;
        if (version.Brier is { } brier) message.Brier = brier;
        if (version.CalibrationError is { } error) message.CalibrationError = error;
        return message;
    }
}
