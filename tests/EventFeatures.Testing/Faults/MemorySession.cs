using System.Collections.Concurrent;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Testing.Faults.Rig;

namespace EventFeatures.Testing.Faults;

/// <summary>A node in a process of its own, given many small requests and many subscribers, and asked what it holds.</summary>
public sealed class MemorySession : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    // The least there is: what fills up to its bound would hide what grows without one.
    private const long TailBytes = 1024 * 1024;
    // As many as the node has by itself: a read of a stream looks into every part.
    private const long PartitionEvents = 10_000_000;
    private const int Callers = 32;
    private const int Streams = 500;

    private readonly ConcurrentQueue<string> _errors;
    private readonly NodeProcess _node;
    private readonly EventStoreLog _log;
    private readonly string _connection;
    private long _number;

    private MemorySession(NodeProcess node, int port, ConcurrentQueue<string> errors)
    {
        (_node, _errors) = (node, errors);
        _connection = FormattableString.Invariant($"esdb://127.0.0.1:{port}?tls=false");
        _log = EventStoreLog.Connect(_connection);
    }

    /// <summary>What the node logged as an error.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public static async Task<MemorySession> StartAsync(string postgres)
    {
        ConcurrentQueue<string> errors = new();
        var node = NodeProcess.Start(postgres, TailBytes, PartitionEvents, errors.Enqueue);
        try
        {
            return new MemorySession(node, await node.ServeAsync(Deadline), errors);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the node holds, after it has let go of all that it can.</summary>
    public Task<NodeMemory> MemoryAsync() => _node.MemoryAsync();

    /// <summary>Makes this many requests: appends of one small event, and short reads of the same streams.</summary>
    public async Task RequestAsync(long count)
    {
        var end = _number + count;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref _number) is var number && number <= end) await RequestOneAsync(number);
        })));
        _number = end;
    }

    /// <summary>Opens subscribers to the whole log from now on, which note how many events they were given.</summary>
    public async Task<SubscriberCrowd> SubscribeAsync(int count) =>
        await SubscriberCrowd.OpenAsync(_connection, count, FromAll.After(await _log.ReadHeadAsync() ?? Position.Start), Deadline);

    /// <summary>Appends events, one after the other.</summary>
    public async Task AppendAsync(int count, int bytes)
    {
        for (var i = 0; i < count; i++)
            await _log.AppendToStreamAsync("followed-1", StreamState.Any, [new EventData(Guid.NewGuid(), "Followed", new byte[bytes])]);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _node.DisposeAsync();
    }

    private async Task RequestOneAsync(long number)
    {
        var stream = FormattableString.Invariant($"small-{number * 7919 % Streams}");
        if (number % 4 != 0)
        {
            await _log.AppendToStreamAsync(stream, StreamState.Any, [new EventData(Guid.NewGuid(), "Small", new byte[number % 100])]);
            return;
        }
        await foreach (var _ in _log.ReadStreamAsync(stream, ReadDirection.Backwards, countMax: 1)) return;
    }
}
