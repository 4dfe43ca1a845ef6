using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using Grpc.Core;
using MediatR;

namespace EventFeatures.Server.Api;

/// <summary>Appends events.</summary>
internal sealed class EventsService(IMediator mediator, ErrorInterceptor errors, CallsInWork calls) : Events.EventsBase
{
    public override async Task<AppendResponse> Append(AppendRequest request, ServerCallContext context) =>
        AppendMessages.ToResponse(await AppendAsync(request, context.CancellationToken), request.Stream);

    public override async Task AppendStream(
        IAsyncStreamReader<AppendRequest> requestStream, IServerStreamWriter<AppendAcknowledgement> responseStream, ServerCallContext context)
    {
        using var call = calls.Until(context);
        await new AppendPipeline(AcknowledgeAsync, responseStream).RunAsync(requestStream, call.Token);
    }

    private async Task<AppendAcknowledgement> AcknowledgeAsync(long number, AppendRequest request, CancellationToken cancellation)
    {
        try
        {
            var appended = AppendMessages.ToResponse(await AppendAsync(request, cancellation), request.Stream);
            return new AppendAcknowledgement { Request = number, Appended = appended };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var error = errors.Explain(exception, nameof(AppendStream), cancellation);
            return new AppendAcknowledgement
            {
                Request = number,
                Failed = new AppendFailure { Status = (int)error.Status, Code = error.Code, Message = error.Message },
            };
        }
    }

    private async Task<(Application.Events.AppendAnswer Answer, string Correlation)> AppendAsync(AppendRequest request, CancellationToken cancellation)
    {
        var command = AppendMessages.ToCommand(request);
        return (await mediator.Send(command, cancellation), command.CorrelationId!);
    }
}
