using System.Net.Sockets;
using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode.Access;
using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Scavenging;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.EmbeddedNode.Writing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode;

/// <summary>
/// An in-process server of the EventStoreDB gRPC protocol over PostgreSQL, for one machine. What it acknowledges
/// is committed there; official clients of any language work against it.
/// </summary>
public sealed class EmbeddedNode : ILogScavenger, IAsyncDisposable
{
    private static readonly TimeSpan ShutdownDeadline = TimeSpan.FromSeconds(5);

    private readonly WebApplication _server;
    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _lookUps;
    private readonly NpgsqlDataSource _readers;
    private readonly AppendQueue _queue;
    private readonly Groups _groups;
    private readonly Task _writing;
    private readonly Task _filtering;
    private readonly CancellationTokenSource _stopCalls;
    private readonly CancellationTokenSource _stopWriter;
    private readonly NodeAccess _access;
    private readonly Scavenger _scavenger;
    private int _disposed;

    private EmbeddedNode(
        WebApplication server, int port, NpgsqlDataSource writers, NpgsqlDataSource lookUps, NpgsqlDataSource readers, AppendQueue queue,
        Groups groups, Task writing, Task filtering, CancellationTokenSource stopCalls, CancellationTokenSource stopWriter, NodeAccess access, Scavenger scavenger)
    {
        (_server, Port, _writers, _lookUps, _readers, _queue, _groups, _writing, _filtering, _stopCalls, _stopWriter, _access, _scavenger) =
            (server, port, writers, lookUps, readers, queue, groups, writing, filtering, stopCalls, stopWriter, access, scavenger);
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>What clients on this machine connect with, but for their user's name and password where the node asks for them.</summary>
    public string ConnectionString => _access.ConnectionString(Port);

    /// <summary>What the process that runs the node connects with. Holds a secret where the node asks for users: not to be shown.</summary>
    public string OwnConnectionString => _access.OwnConnectionString(Port);

    /// <summary>Starts a node; it serves when this returns.</summary>
    /// <exception cref="ArgumentException">Options are impossible; all of them are named.</exception>
    /// <exception cref="NodeAlreadyRunningException">Another node writes to the database.</exception>
    /// <exception cref="LogLayoutException">The database cannot hold the log as this version lays it out.</exception>
    /// <exception cref="IOException">It cannot listen there: the port is in use or not for this account, or the address is not this machine's.</exception>
    public static async Task<EmbeddedNode> StartAsync(EmbeddedNodeOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        var logger = options.LoggerFactory.CreateLogger<EmbeddedNode>();
        var writers = NodeConnections.ForWriter(options, FormattableString.Invariant($"eventfeatures-log-writer {Environment.MachineName} {Environment.ProcessId}"));
        var lookUps = NodeConnections.ForLookUps(options);
        var readers = NodeConnections.ForReaders(options);
        var stopCalls = new CancellationTokenSource();
        var stopWriter = new CancellationTokenSource();
        WriterSession? session = null;
        WebApplication? server = null;
        try
        {
            var queue = new AppendQueue(options.QueueEventsMax, options.QueueBytesMax, options.Time);
            var tail = new LogTail(options.TailBytesMax);
            var index = new LinkIndex(readers, tail);
            var pages = new EventPages(readers, index);
            var extents = new StreamExtents(readers, index, options.Time);
            var resolver = new LinkResolver(pages, extents);
            var partitions = new Partitions(options.PartitionEvents);
            var writer = new LogWriter(writers, partitions, new HeadQueries(lookUps, partitions), queue, tail, options, logger)
            {
                SessionLost = () =>
                {
                    lookUps.Clear();
                    readers.Clear();
                },
            };
            session = await writer.OpenAsync(cancellation);
            var services = new NodeServices(options, queue, pages, extents, resolver, tail, new LogReader(pages, extents, resolver, tail), stopCalls.Token);
            var groups = new Groups(services);
            server = NodeServer.Build(services, groups);
            await StartServerAsync(server, options, cancellation);
            var port = NodeServer.PortOf(server);
            logger.NodeStarted(port, tail.Head);
            var writing = Task.Run(() => writer.RunAsync(session, stopWriter.Token), CancellationToken.None);
            var filtering = Task.Run(() => new FilterBuilder(readers, partitions, tail, logger).RunAsync(stopCalls.Token), CancellationToken.None);
            return new EmbeddedNode(server, port, writers, lookUps, readers, queue, groups, writing, filtering, stopCalls, stopWriter, options.Access, new Scavenger(options, tail, logger));
        }
        catch
        {
            if (server is not null) await server.DisposeAsync();
            if (session is not null) await session.DisposeAsync();
            await writers.DisposeAsync();
            await lookUps.DisposeAsync();
            await readers.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<ScavengeSummary> ScavengeAsync(
        IReadOnlyCollection<string> keptPrefixes, IProgress<ScavengeProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopCalls.Token);
        return await _scavenger.RunAsync(keptPrefixes, progress, either.Token);
    }

    /// <summary>Takes no more, commits what waits, ends all calls with UNAVAILABLE, and leaves the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        // Checkpoints are appends, so they come before appends are refused.
        await _groups.StopAsync(ShutdownDeadline);
        _queue.Refusal = "The node is shutting down.";
        _queue.Close();
        _stopWriter.CancelAfter(ShutdownDeadline);
        await _writing;
        await _stopCalls.CancelAsync();
        await _filtering;
        using var late = new CancellationTokenSource(ShutdownDeadline);
        await _server.StopAsync(late.Token);
        await _server.DisposeAsync();
        await _writers.DisposeAsync();
        await _lookUps.DisposeAsync();
        await _readers.DisposeAsync();
        _stopCalls.Dispose();
        _stopWriter.Dispose();
    }

    private static async Task StartServerAsync(WebApplication server, EmbeddedNodeOptions options, CancellationToken cancellation)
    {
        try
        {
            await server.StartAsync(cancellation);
        }
        // Kestrel wraps a port in use alone; one that is not for this account, and another machine's address, come bare.
        catch (Exception refused) when (refused is SocketException || (refused is IOException && (refused.InnerException is not null || options.Port != 0)))
        {
            throw new IOException(FormattableString.Invariant($"The embedded node cannot listen on {options.Access.Bind}:{options.Port}: {refused.Message.TrimEnd('.')}. Choose another port, or 0 for a free one, or an address that this machine has."), refused);
        }
    }
}
