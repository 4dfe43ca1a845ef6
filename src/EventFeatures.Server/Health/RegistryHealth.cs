using EventFeatures.Core.Definitions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventFeatures.Server.Health;

/// <summary>Whether the registry follows the log.</summary>
internal sealed class RegistryHealth(IRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registry.Fault is { } fault
            ? HealthCheckResult.Unhealthy(fault)
            : HealthCheckResult.Healthy($"{registry.Current.History.Count} definitions, up to position {registry.Current.Position}"));
}
