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
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            // What it met before the deadline is tried again for longer, and says more, such as that a cluster has no leader.
            var met = late.InnerException is LogUnavailableException unavailable ? $": {unavailable.Message}" : "";
            return HealthCheckResult.Unhealthy($"the log did not answer within {AnswerMax.TotalSeconds:0} s{met}");
        }
        catch (LogUnavailableException unavailable)
        {
            return HealthCheckResult.Unhealthy(unavailable.Message);
        }
    }
}
