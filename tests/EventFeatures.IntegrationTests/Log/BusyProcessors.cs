namespace EventFeatures.IntegrationTests.Log;

/// <summary>Keeps every processor busy, so that threads wait for one and what seldom overtakes does so.</summary>
internal sealed class BusyProcessors : IDisposable
{
    private readonly Thread[] _threads;
    private volatile bool _isOver;

    public BusyProcessors()
    {
        _threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Spin) { IsBackground = true })];
        foreach (var thread in _threads) thread.Start();
    }

    public void Dispose()
    {
        _isOver = true;
        foreach (var thread in _threads) thread.Join();
    }

    private void Spin()
    {
        while (!_isOver) Thread.SpinWait(1000);
    }
}
