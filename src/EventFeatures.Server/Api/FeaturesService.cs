using System.Collections.Frozen;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Server.Api.Encoded;
using EventFeatures.Server.Errors;
using Grpc.Core;
using MediatR;
using ConsistencyStatus = EventFeatures.Api.V1.ConsistencyStatus;
using Value = EventFeatures.Core.Values.Value;

namespace EventFeatures.Server.Api;

/// <summary>Serves features.</summary>
[BindServiceMethod(typeof(EncodedAnswers), nameof(EncodedAnswers.BindService))]
internal sealed class FeaturesService(IMediator mediator, IOnlineViews views, IRegistry registry, IEventLog log, PrecomputedVectors vectors, PrecomputedAnswers precomputed, FeatureSubscriptions subscriptions, CallsInWork calls) : Features.FeaturesBase
{
    private static readonly IReadOnlyDictionary<string, Value> NoContext = FrozenDictionary<string, Value>.Empty;

    public override async Task<GetFeaturesResponse> GetFeatures(GetFeaturesRequest request, ServerCallContext context)
    {
        var query = new GetFeatures(request.Entities)
        {
            Service = Fields.TextOrNone(request.Service),
            Views = request.Views,
            Features = request.Features,
            Context = request.Context.Count == 0 ? NoContext : request.Context.ToValues("context"),
            AsOf = Fields.TimeOrNone(request.AsOf, "as_of"),
            KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
            MinPosition = Fields.PositionOrNone(request.MinPosition),
            MaxStaleness = Fields.DurationOrNone(request.MaxStaleness, "max_staleness"),
        };
        var asColumns = IsColumns(request.Form);
        var isEncoded = DefaultDeadline.IsGrpc(context.GetHttpContext());
        var kept = vectors.Look(query);
        if (kept?.Found is { } vector)
            return asColumns ? precomputed.ToColumns(vector, kept, request.NamesDigest, isEncoded) : precomputed.ToMessage(vector, kept, isEncoded);
        var answer = await mediator.Send(query, context.CancellationToken);
        kept?.Keep(answer);
        if (asColumns) return answer.ToColumns(request.NamesDigest);
        return isEncoded ? new GetFeaturesResponse { Encoded = FeatureEncoding.Encode(answer) } : answer.ToMessage();
    }

    public override async Task<GetFeatureBatchResponse> GetFeatureBatch(GetFeatureBatchRequest request, ServerCallContext context)
    {
        var rows = new Application.FeatureServices.FeatureBatchRow[request.Rows.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = new(request.Rows[i].Entities, request.Rows[i].Context.Count == 0 ? NoContext : request.Rows[i].Context.ToValues(FormattableString.Invariant($"rows[{i}].context")));
        var query = new GetFeatureBatch(rows)
        {
            Service = Fields.TextOrNone(request.Service),
            Views = request.Views,
            Features = request.Features,
            AsOf = Fields.TimeOrNone(request.AsOf, "as_of"),
            KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
            MinPosition = Fields.PositionOrNone(request.MinPosition),
        };
        var asColumns = IsColumns(request.Form);
        var answer = await mediator.Send(query, context.CancellationToken);
        if (asColumns) return answer.ToColumns();
        return DefaultDeadline.IsGrpc(context.GetHttpContext()) ? new GetFeatureBatchResponse { Encoded = FeatureEncoding.Encode(answer) } : answer.ToMessage();
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

    private static bool IsColumns(AnswerForm form) => form switch
    {
        AnswerForm.Features => false,
        AnswerForm.Columns => true,
        _ => throw new InvalidRequestException("form", $"form: {(int)form} is no form of an answer. Give ANSWER_FORM_FEATURES or ANSWER_FORM_COLUMNS."),
    };

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
