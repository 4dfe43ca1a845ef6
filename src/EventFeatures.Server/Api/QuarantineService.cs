using EventFeatures.Api.V1;
using EventFeatures.Application.Events.Quarantine;
using Google.Protobuf;
using Grpc.Core;
using MediatR;
using Attempt = EventFeatures.Application.Events.Quarantine.QuarantineAttempt;
using AttemptMessage = EventFeatures.Api.V1.QuarantineAttempt;
using Entry = EventFeatures.Application.Events.Quarantine.QuarantineEntry;
using EntryMessage = EventFeatures.Api.V1.QuarantineEntry;
using QuarantineApi = EventFeatures.Api.V1.Quarantine;

namespace EventFeatures.Server.Api;

/// <summary>Events that are kept aside, and what is done about them.</summary>
internal sealed class QuarantineService(IMediator mediator, CallsInWork calls) : QuarantineApi.QuarantineBase
{
    public override async Task<ListQuarantineResponse> ListQuarantine(ListQuarantineRequest request, ServerCallContext context)
    {
        var query = new ListQuarantine { Contract = Fields.TextOrNone(request.Contract), IncludeClosed = request.IncludeClosed, After = Fields.TextOrNone(request.After) };
        if (request.Limit != 0) query = query with { CountMax = request.Limit };
        var page = await mediator.Send(query, context.CancellationToken);
        return new ListQuarantineResponse
        {
            Entries = { page.Entries.Select(entry => ToMessage(entry)) },
            Next = page.Next ?? "",
            Unreadable = page.Unreadable.Count,
            UnreadablePosition = page.Unreadable.First?.Value ?? 0,
        };
    }

    public override async Task<GetQuarantinedResponse> GetQuarantined(GetQuarantinedRequest request, ServerCallContext context)
    {
        var entries = await mediator.Send(new GetQuarantined(Fields.Id(request.Id, "id")), context.CancellationToken);
        return new GetQuarantinedResponse { Entries = { entries.Select(entry => ToMessage(entry, withBytes: true)) } };
    }

    public override Task Redrive(ResolveQuarantinedRequest request, IServerStreamWriter<ResolveQuarantinedResponse> responseStream, ServerCallContext context) =>
        ResolveAsync(QuarantineResolution.Redrive, request, responseStream, context);

    public override Task Discard(ResolveQuarantinedRequest request, IServerStreamWriter<ResolveQuarantinedResponse> responseStream, ServerCallContext context) =>
        ResolveAsync(QuarantineResolution.Discard, request, responseStream, context);

    private async Task ResolveAsync(
        QuarantineResolution resolution, ResolveQuarantinedRequest request, IServerStreamWriter<ResolveQuarantinedResponse> responses, ServerCallContext context)
    {
        var command = new ResolveQuarantined(resolution)
        {
            Id = request.Id.Length == 0 ? null : Fields.Id(request.Id, "id"),
            Contract = Fields.TextOrNone(request.Contract),
            By = Callers.Actor(request.Actor),
            Why = request.Reason,
            CorrelationId = Callers.Correlation(""),
        };
        using var call = calls.Until(context);
        var resolving = await mediator.Send(command, call.Token);
        var summary = new QuarantineSummary();
        await foreach (var one in resolving.Results.WithCancellation(call.Token))
        {
            if (one.Succeeded) summary.Done++;
            else summary.Failed++;
            await responses.WriteAsync(new ResolveQuarantinedResponse { Result = ToMessage(one) }, call.Token);
        }
        var unreadable = resolving.Unreadable();
        (summary.Unreadable, summary.UnreadablePosition) = (unreadable.Count, unreadable.First?.Value ?? 0);
        await responses.WriteAsync(new ResolveQuarantinedResponse { Summary = summary }, call.Token);
    }

    private static QuarantineResult ToMessage(QuarantineResolved one) => new()
    {
        Entry = ToMessage(one.Entry), State = NameOf(one.State), Changed = one.Changed, Code = one.Code, Detail = one.Detail, AppendedAt = one.AppendedAt?.Value ?? 0,
    };

    private static EntryMessage ToMessage(Entry entry, bool withBytes = false)
    {
        var message = new EntryMessage
        {
            Id = entry.Id.ToString(),
            Contract = entry.Event.Contract,
            Stream = entry.Event.StreamId,
            EventId = entry.Event.EventId.ToString(),
            Type = entry.Event.EventType,
            Code = entry.Event.Code,
            Detail = entry.Event.Detail,
            QuarantinedAt = entry.QuarantinedAt.ToString(),
            Position = entry.Position.Value,
            State = NameOf(entry.State),
            LoggedAt = entry.Event.LoggedAt?.Value ?? 0,
            Attempts = { entry.Attempts.Select(ToMessage) },
        };
        if (!withBytes) return message;
        message.Data = ByteString.CopyFrom(entry.Event.Data.Span);
        message.Metadata = ByteString.CopyFrom(entry.Event.Metadata.Span);
        return message;
    }

    private static AttemptMessage ToMessage(Attempt attempt) => new()
    {
        Type = attempt.Type, By = attempt.By, Why = attempt.Why, At = attempt.At?.ToString() ?? "", Code = attempt.Code, Detail = attempt.Detail,
    };

    private static string NameOf(QuarantineState state) => state.ToString().ToLowerInvariant();
}
