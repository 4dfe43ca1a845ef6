using EventFeatures.Core.Events;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventFeatures.Server.Health;

/// <summary>Whether the log answers.</summary>
internal sealed class LogHealth(IEventLog log) : IHealthCheck
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerMax);
        try
        {
            var head = await log.ReadHeadAsync(deadline.Token);
            return HealthCheckResult.Healthy(head is { } position ? $"the log ends at position {position}" : "the log is empty");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"the log did not answer within {AnswerMax.TotalSeconds:0} s");
        }
        catch (LogUnavailableException unavailable)
        {
            return HealthCheckResult.Unhealthy(unavailable.Message);
        }
    }
}
