using System.Collections.Concurrent;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>
/// A node that is killed and replaced, always behind the same link. The next process is started ahead, so that a kill
/// costs little more than taking the log over.
/// </summary>
public sealed class RunningNode : IAsyncDisposable
{
    private static readonly TimeSpan ServeDeadline = TimeSpan.FromSeconds(60);
    // So small that subscribers fall behind it, and have to turn to storage and back.
    private const long TailBytes = 1024 * 1024;

    // So few that the log passes from part to part while faults happen.
    private const long PartitionEvents = 2_000;

    // A port where nothing can listen. That of a process that has ended may soon be a stranger's, who would answer.
    private const int Nobody = 0;
    private const string Stopped = "The node did not stop in order: exit code ";

    private readonly string _postgres;
    private readonly ConcurrentQueue<string> _errors;
    private NodeProcess _current;
    private NodeProcess _spare;
    private volatile int _port = Nobody;

    private RunningNode(string postgres, ConcurrentQueue<string> errors)
    {
        (_postgres, _errors) = (postgres, errors);
        (_current, _spare) = (Start(), Start());
        Link = FaultyLink.ToPort(() => _port);
    }

    /// <summary>Between the clients and whichever process serves now.</summary>
    public FaultyLink Link { get; }

    /// <summary>What clients connect with. Its deadlines are short, since a fault is never long.</summary>
    public string ConnectionString => FormattableString.Invariant($"esdb://127.0.0.1:{Link.Port}?tls=false&defaultDeadline=4000");

    /// <param name="postgres">The log's database.</param>
    /// <param name="errors">Receives what the processes log as errors.</param>
    public static async Task<RunningNode> StartAsync(string postgres, ConcurrentQueue<string> errors)
    {
        var node = new RunningNode(postgres, errors);
        node._port = await node._current.ServeAsync(ServeDeadline);
        return node;
    }

    /// <summary>Kills the process that serves.</summary>
    public Task KillAsync()
    {
        _port = Nobody;
        return _current.KillAsync();
    }

    /// <summary>Has the process that serves scavenge the log; gives how many events that removed, -1 when it was cut short.</summary>
    public Task<long> ScavengeAsync() => _current.ScavengeAsync();

    /// <summary>Stops the process that serves, in order.</summary>
    public async Task StopAsync()
    {
        var code = await _current.StopAsync();
        _port = Nobody;
        if (code != 0) _errors.Enqueue(Stopped + code);
    }

    /// <summary>Lets the next process serve, once the last has ended.</summary>
    public async Task ReplaceAsync()
    {
        var ended = _current;
        (_current, _spare) = (_spare, Start());
        await ended.DisposeAsync();
        _port = await _current.ServeAsync(ServeDeadline);
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        await _current.DisposeAsync();
        await _spare.DisposeAsync();
    }

    private NodeProcess Start() => NodeProcess.Start(_postgres, TailBytes, PartitionEvents, _errors.Enqueue);
}
