using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Server.Telemetry;
using MediatR;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Hosting;

/// <summary>
/// Switches to a view's new version once it has caught up, where that was asked for when it was applied. Every server
/// does; the log takes the first one's word.
/// </summary>
internal sealed class SwitchesOnceCaughtUp(IRegistry registry, IOnlineViews online, IMediator mediator, TimeProvider time, ILogger<SwitchesOnceCaughtUp> logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Begins to look.</summary>
    public void Start() => _run = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Ends. What is planned is in the log, and found again by the next start.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var looks = new PeriodicTimer(Look, time);
        try
        {
            while (true)
            {
                var registered = registry.Current;
                foreach (var (name, planned) in registered.PlannedSwitches) await TryAsync(name, planned);
                if (registered.PlannedSwitches.Count == 0) await registry.ChangedAsync(registered, _stop.Token);
                else await looks.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (RegistryStoppedException)
        {
            // Health tells of it already; without a registry nothing can be planned or switched.
        }
    }

    private async Task TryAsync(string name, PlannedSwitch planned)
    {
        var view = new ViewReference(name, planned.Version);
        if (online.StatusOf(view) is not { State: "live" }) return;
        try
        {
            await mediator.Send(new SwitchView(name, planned.Version) { By = planned.By, Why = planned.Why }, _stop.Token);
            logger.SwitchedOnceCaughtUp(view.ToString(), planned.By);
        }
        catch (WrongExpectedVersionException)
        {
            // Another server was faster, or a person decided something meanwhile; the registry tells in a moment.
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or RegistryStoppedException))
        {
            logger.SwitchFailed(view.ToString(), failure.Message);
        }
    }
}
