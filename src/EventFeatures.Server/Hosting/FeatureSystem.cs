using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Core.Events;
using EventFeatures.Server.Api;
using EventFeatures.Server.Telemetry;
using EventFeatures.Views.FeatureViews;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using DefinitionRegistry = EventFeatures.Application.Definitions.Registry;

namespace EventFeatures.Server.Hosting;

/// <summary>
/// Starts what follows the log, before the API takes its first call, and stops it after its last: the projections
/// commit what they folded before the registry goes.
/// </summary>
internal sealed class FeatureSystem(
    IEventLog log, DefinitionRegistry registry, ProjectionHost projections, VectorKeeper vectors, SwitchesOnceCaughtUp switches, TrainingSetFolder trainingSets, ILogger<FeatureSystem> logger) : IHostedService
{
    // Of its own, since connections that were slow to close may have used up the host's.
    private static readonly TimeSpan PartStopMax = TimeSpan.FromSeconds(15);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A log that is not there is found out by one question, not by the patience of all who follow it.
        await log.ReadHeadAsync(cancellationToken);
        trainingSets.DeleteUnfinished();
        await registry.StartAsync(cancellationToken);
        await projections.StartAsync(cancellationToken);
        vectors.Start();
        switches.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopAsync("The switches of views", switches.StopAsync());
        await StopAsync("What computes vectors ahead", vectors.StopAsync());
        await StopAsync("The projections", projections.StopAsync());
        await StopAsync("The registry", registry.StopAsync());
    }

    private async Task StopAsync(string part, Task stopping)
    {
        try
        {
            await stopping.WaitAsync(PartStopMax);
        }
        catch (Exception exception)
        {
            // What was not committed is folded again at the next start, so stopping goes on.
            logger.PartDidNotStop(part, exception);
        }
    }
}
