using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Server.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Hosting;

/// <summary>Runs the comparison with the batch views for as long as the system runs, and logs what it finds.</summary>
internal sealed class ConsistencyService : IHostedService
{
    private readonly ConsistencyWatch _watch;

    public ConsistencyService(ConsistencyWatch watch, ILogger<ConsistencyService> logger)
    {
        _watch = watch;
        watch.Found += found => logger.ConsistencyMismatch(found.Path, found.Feature, found.Count, found.Example);
        watch.Failed += logger.ConsistencyFailed;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watch.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _watch.StopAsync();
}
