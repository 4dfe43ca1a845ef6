using EventFeatures.Core.Definitions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventFeatures.Server.Health;

/// <summary>Whether the registry follows the log.</summary>
internal sealed class RegistryHealth(IRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registry.Fault is { } fault
            ? HealthCheckResult.Unhealthy(fault)
            : HealthCheckResult.Healthy($"{registry.Current.History.Count} definitions, up to position {registry.Current.Position}{NotInForce(registry.Current)}"));

    private static string NotInForce(RegistrySnapshot registered) => registered.NotInForce.Count == 0 ? ""
        : $"; {registered.NotInForce.Count} recorded but not in force, the last at position {registered.NotInForce[^1].Position} ({registered.NotInForce[^1].What})";
}
