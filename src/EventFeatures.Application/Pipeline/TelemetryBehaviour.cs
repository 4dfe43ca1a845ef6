using System.Diagnostics;
using MediatR;

namespace EventFeatures.Application.Pipeline;

/// <summary>Gives every request a span, a duration and, when it fails, an error count.</summary>
internal sealed class TelemetryBehaviour<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    private static readonly string Name = typeof(TRequest).Name;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        using var activity = ApplicationTelemetry.Source.StartActivity(Name);
        var started = Stopwatch.GetTimestamp();
        var outcome = "ok";
        try
        {
            return await next();
        }
        catch (Exception exception)
        {
            outcome = exception is OperationCanceledException ? "cancelled" : exception.GetType().Name;
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            activity?.SetTag("error.type", outcome);
            throw;
        }
        finally
        {
            ApplicationTelemetry.RequestDuration.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds, new("request", Name), new("outcome", outcome));
        }
    }
}
