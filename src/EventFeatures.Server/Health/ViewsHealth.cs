using EventFeatures.Core.FeatureViews;
using EventFeatures.Server.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventFeatures.Server.Health;

/// <summary>Whether every view runs, has caught up once and trails the log by no more than the bound.</summary>
internal sealed class ViewsHealth(IOnlineViews views, ServingSettings settings) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var all = views.Status();
        var reasons = all.Select(Reason).Where(reason => reason.Length > 0).ToList();
        if (reasons.Count == 0) return Task.FromResult(HealthCheckResult.Healthy($"{all.Count} views are live"));
        var description = string.Join("; ", reasons);
        return Task.FromResult(all.Any(view => view.State == "stopped")
            ? HealthCheckResult.Unhealthy(description)
            : HealthCheckResult.Degraded(description));
    }

    private string Reason(ViewStatus view) => view.State switch
    {
        "stopped" => $"{view.View} stopped: {view.Fault}",
        "catching-up" => $"{view.View} is catching up, {view.Gap} events behind",
        _ when view.Lag > settings.LagMax => $"{view.View} is {view.Lag.TotalSeconds:0.0} s behind the log; at most {settings.LagMax.TotalSeconds:0.###} s is allowed",
        _ => "",
    };
}
