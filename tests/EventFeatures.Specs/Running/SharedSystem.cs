using EventFeatures.Testing.Gherkin;
using EventFeatures.Testing.Systems;

namespace EventFeatures.Specs.Running;

/// <summary>The one running system that all scenarios share; each keeps to cards, decisions and a model of its own.</summary>
[Binding]
public sealed class SharedSystem
{
    private static RunningSystem? _running;

    public static RunningSystem Running => _running ?? throw new InvalidOperationException("The system was not started.");

    [BeforeTestRun]
    public static async Task StartAsync() => _running = await RunningSystem.StartAsync();

    [AfterTestRun]
    public static async Task StopAsync()
    {
        if (_running is not null) await _running.DisposeAsync();
    }
}
