using EventFeatures.Api.V1;
using EventFeatures.Application.Catalog;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using Grpc.Core;
using MediatR;

namespace EventFeatures.Server.Api;

/// <summary>Reproduces predictions and shows where they came from.</summary>
internal sealed class AuditService(IMediator mediator, IRegistry registry, CallsInWork calls) : Audit.AuditBase
{
    public override async Task Replay(ReplayRequest request, IServerStreamWriter<ReplayResponse> responseStream, ServerCallContext context)
    {
        var command = new ReplayPredictions
        {
            PredictionIds = request.PredictionIds.Count > 0 ? [.. request.PredictionIds] : null,
            Model = Fields.TextOrNone(request.Model),
            Parallelism = request.Parallelism == 0 ? null : request.Parallelism,
            Record = request.HasRecord ? request.Record : null,
        };
        using var call = calls.Until(context);
        var updates = await mediator.Send(command, call.Token);
        await foreach (var update in updates.WithCancellation(call.Token))
            foreach (var message in ReplayMessages.Of(update))
                await responseStream.WriteAsync(message, call.Token);
    }

    public override async Task CheckConsistency(
        CheckConsistencyRequest request, IServerStreamWriter<CheckConsistencyResponse> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        await ConsistencyMessages.RunAsync(mediator, request, responseStream, call.Token);
    }

    public override async Task<LineageResponse> Lineage(LineageRequest request, ServerCallContext context)
    {
        var query = new GetLineage(request.PredictionId);
        if (request.Limit != 0) query = query with { EventsMax = request.Limit };
        return LineageMessages.Of(await mediator.Send(query, context.CancellationToken), registry.Current);
    }

    public override async Task<EventLineageResponse> EventLineage(EventLineageRequest request, ServerCallContext context)
    {
        var query = new GetEventLineage(Fields.Id(request.EventId, "event_id"));
        if (request.Limit != 0) query = query with { PredictionsMax = request.Limit };
        return LineageMessages.Of(await mediator.Send(query, context.CancellationToken), request.EventId);
    }

    public override async Task<ValueLineageResponse> ValueLineage(ValueLineageRequest request, ServerCallContext context)
    {
        var query = new GetValueLineage(request.View, new Dictionary<string, string>(request.Entities, StringComparer.Ordinal))
        {
            Feature = Fields.TextOrNone(request.Feature),
            AsOf = Fields.TimeOrNone(request.AsOf, "as_of"),
            KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
        };
        if (request.Limit != 0) query = query with { EventsMax = request.Limit };
        return LineageMessages.Of(await mediator.Send(query, context.CancellationToken));
    }

    public override async Task<ColumnLineageResponse> ColumnLineage(ColumnLineageRequest request, ServerCallContext context) =>
        ColumnMessages.Of(await mediator.Send(new GetColumnLineage(ColumnMessages.SubjectOf(request)), context.CancellationToken));

    public override async Task<OpenLineageResponse> OpenLineage(OpenLineageRequest request, ServerCallContext context) =>
        ColumnMessages.Of(await mediator.Send(ColumnMessages.ExportOf(request), context.CancellationToken));

    public override async Task<ListPredictionsResponse> ListPredictions(ListPredictionsRequest request, ServerCallContext context)
    {
        var query = new ListPredictions { Model = Fields.TextOrNone(request.Model), Before = Fields.PositionOrNone(request.BeforePosition) };
        if (request.Limit != 0) query = query with { CountMax = request.Limit };
        var page = await mediator.Send(query, context.CancellationToken);
        return new ListPredictionsResponse
        {
            Predictions = { page.Items.Select(entry => entry.Made.ToMessage(entry.Position, entry.RecordedAt)) },
            NextPosition = page.Next?.Value ?? 0,
            Unreadable = page.Unreadable.Count,
            UnreadablePosition = page.Unreadable.First?.Value ?? 0,
        };
    }
}
