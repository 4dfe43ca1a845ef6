using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Server.Errors;
using Grpc.Core;
using MediatR;
using ConsistencyStatus = EventFeatures.Api.V1.ConsistencyStatus;

namespace EventFeatures.Server.Api;

/// <summary>Serves features.</summary>
internal sealed class FeaturesService(IMediator mediator, IOnlineViews views, IRegistry registry, IEventLog log, PrecomputedVectors vectors, PrecomputedAnswers precomputed, FeatureSubscriptions subscriptions, CallsInWork calls) : Features.FeaturesBase
{
    public override async Task<GetFeaturesResponse> GetFeatures(GetFeaturesRequest request, ServerCallContext context)
    {
        var query = new GetFeatures(new Dictionary<string, string>(request.Entities, StringComparer.Ordinal))
        {
            Service = Fields.TextOrNone(request.Service),
            Views = [.. request.Views],
            Features = [.. request.Features],
            Context = request.Context.ToValues("context"),
            AsOf = Fields.TimeOrNone(request.AsOf, "as_of"),
            KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
            MinPosition = Fields.PositionOrNone(request.MinPosition),
            MaxStaleness = Fields.DurationOrNone(request.MaxStaleness, "max_staleness"),
        };
        var kept = vectors.Look(query);
        if (kept?.Found is { } vector) return precomputed.ToMessage(vector, kept, DefaultDeadline.IsGrpc(context.GetHttpContext()));
        var answer = await mediator.Send(query, context.CancellationToken);
        kept?.Keep(answer);
        return answer.ToMessage();
    }

    public override async Task<GetFeatureBatchResponse> GetFeatureBatch(GetFeatureBatchRequest request, ServerCallContext context)
    {
        var query = new GetFeatureBatch([.. request.Rows.Select((row, index) => new Application.FeatureServices.FeatureBatchRow(
            new Dictionary<string, string>(row.Entities, StringComparer.Ordinal), row.Context.ToValues($"rows[{index}].context")))])
        {
            Service = Fields.TextOrNone(request.Service),
            Views = [.. request.Views],
            Features = [.. request.Features],
            AsOf = Fields.TimeOrNone(request.AsOf, "as_of"),
            KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
            MinPosition = Fields.PositionOrNone(request.MinPosition),
        };
        return (await mediator.Send(query, context.CancellationToken)).ToMessage();
    }

    public override async Task Subscribe(SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        await subscriptions.RunAsync(request, responseStream, call.Token);
    }

    public override async Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context)
    {
        var head = await log.ReadHeadAsync(context.CancellationToken);
        var registered = registry.Current;
        return new GetStatusResponse
        {
            Head = head?.Value ?? 0,
            Views = { views.Status().Select(status => status.ToMessage(registered)) },
            Consistency = await ConsistencyAsync(head, context.CancellationToken),
        };
    }

    private async Task<ConsistencyStatus?> ConsistencyAsync(Position? head, CancellationToken cancellation)
    {
        try
        {
            return (await mediator.Send(new GetConsistencyStatus(), cancellation))?.ToMessage(head);
        }
        catch (ViewUnavailableException unavailable)
        {
            // The views' own status is worth the most while the database is away.
            return new ConsistencyStatus { Fault = unavailable.Message };
        }
    }
}
