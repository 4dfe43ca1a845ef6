using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
using Grpc.Core;
using MediatR;

namespace EventFeatures.Server.Api;

/// <summary>Appends events.</summary>
internal sealed class EventsService(IMediator mediator, AppendGate gate, CallErrors errors, CallsInWork calls, TimeProvider time) : Events.EventsBase
{
    public override async Task<AppendResponse> Append(AppendRequest request, ServerCallContext context)
    {
        var command = AppendMessages.ToCommand(request);
        using var place = await gate.EnterAsync(command, request.Priority, request.CalculateSize(), context.CancellationToken);
        return AppendMessages.ToResponse((await mediator.Send(command, context.CancellationToken), command.CorrelationId!), request.Stream);
    }

    public override Task AppendStream(
        IAsyncStreamReader<AppendRequest> requestStream, IServerStreamWriter<AppendAcknowledgement> responseStream, ServerCallContext context) =>
        new AppendPipeline(new StreamedAppends(mediator, gate, errors), responseStream, time).RunAsync(requestStream, context.CancellationToken, calls.Stop);
}
