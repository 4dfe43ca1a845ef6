using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
using Google.Protobuf.WellKnownTypes;
using MediatR;

namespace EventFeatures.Server.Api;

/// <summary>One request of a stream of appends: let in, appended, and acknowledged whatever becomes of it.</summary>
internal sealed class StreamedAppends(IMediator mediator, AppendGate gate, CallErrors errors)
{
    /// <summary>Waits for the request's turn; what cannot have one is answered at once.</summary>
    public async Task<(Admitted? Request, AppendAcknowledgement? Refusal)> AdmitAsync(long number, AppendRequest request, CancellationToken cancellation)
    {
        try
        {
            var command = AppendMessages.ToCommand(request);
            return (new Admitted(number, request, command, await gate.EnterInTurnAsync(command, request.Priority, request.CalculateSize(), cancellation)), null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return (null, Failed(number, request, errors.Explain(exception, nameof(Events.EventsClient.AppendStream), cancellation)));
        }
    }

    /// <summary>Appends, and gives the request's place back.</summary>
    public async Task<AppendAcknowledgement> AppendAsync(Admitted admitted, CancellationToken cancellation)
    {
        using var place = admitted.Place;
        try
        {
            var answer = await mediator.Send(admitted.Command, cancellation);
            return new AppendAcknowledgement
            {
                Request = admitted.Number,
                CorrelationId = admitted.Request.CorrelationId,
                Appended = AppendMessages.ToResponse((answer, admitted.Command.CorrelationId!), admitted.Request.Stream),
            };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed(admitted.Number, admitted.Request, errors.Explain(exception, nameof(Events.EventsClient.AppendStream), cancellation));
        }
    }

    public static AppendAcknowledgement Failed(long number, AppendRequest request, ApiError error)
    {
        var failure = new AppendFailure { Status = (int)error.Status, Code = error.Code, Message = error.Message };
        if (error.RetryAfter is { } delay) failure.RetryAfter = Duration.FromTimeSpan(delay);
        return new AppendAcknowledgement { Request = number, CorrelationId = request.CorrelationId, Failed = failure };
    }

    /// <summary>A request that has its turn.</summary>
    internal sealed record Admitted(long Number, AppendRequest Request, AppendEvents Command, Admission.Place Place);
}
