using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Cluster;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>
/// Gives the channel to the node that calls go to: the one that was named, or the one that gossip found. A
/// failed or redirected call sends the next one looking again.
/// </summary>
internal sealed class NodeSource(ConnectionSettings settings, TlsFiles files, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    // An event is at most 1 MiB; a message holds one, and a little beside it.
    private const int MessageBytesMax = 16 * 1024 * 1024;

    // Its lock guards the current node too.
    private readonly Dictionary<NodeAddress, GrpcChannel> _channels = [];
    private readonly CancellationTokenSource _disposed = new();
    private SharedTry<GrpcChannel>? _discovery;
    private volatile GrpcChannel? _current;

    // Whom to ask first: the seed after the last one that was silent, so that it keeps nobody from the others for ever.
    private int _seed;

    /// <summary>The channel for the next call.</summary>
    /// <exception cref="NoNodeException">Discovery found no node in its rounds, or before the deadline.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public ValueTask<GrpcChannel> GetAsync(CancellationToken cancellation)
    {
        if (_current is { } current) return ValueTask.FromResult(current);
        lock (_channels)
        {
            if (_current is { } chosen) return ValueTask.FromResult(chosen);
            if (!settings.Discover) return ValueTask.FromResult(_current = ChannelTo(settings.Nodes[0]));
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, typeof(EventStoreLog));
            _discovery ??= new SharedTry<GrpcChannel>(DiscoverAsync);
        }
        return new ValueTask<GrpcChannel>(_discovery.RunAsync(cancellation));
    }

    /// <summary>Whether calls go to this node still.</summary>
    public bool IsCurrent(GrpcChannel channel) => _current == channel;

    /// <summary>Learns from a call that failed on a channel: follow a named leader, or begin again with who was named at first, or discover.</summary>
    public void Learn(GrpcChannel channel, Exception failure)
    {
        var leader = failure is RpcException rpc ? LeaderNamedBy(rpc) : null;
        lock (_channels)
        {
            // Somebody else may have learnt already.
            if (_current == channel && !_disposed.IsCancellationRequested) _current = leader is { } address ? ChannelTo(address) : null;
        }
    }

    /// <summary>The leader that a follower's refusal names, if that is what the failure is.</summary>
    public static NodeAddress? LeaderNamedBy(RpcException failure)
    {
        if (failure.Trailers.GetValue(WireNames.ExceptionTrailer) != WireNames.NotLeader) return null;
        var host = failure.Trailers.GetValue(WireNames.LeaderHostTrailer);
        return host is not null && int.TryParse(failure.Trailers.GetValue(WireNames.LeaderPortTrailer), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new NodeAddress(host, port)
            : null;
    }

    /// <summary>The headers of every call.</summary>
    public Metadata Headers()
    {
        var headers = new Metadata { { WireNames.RequiresLeaderHeader, settings.NodePreference == NodePreference.Leader ? "true" : "false" } };
        if (settings.ConnectionName is { } name) headers.Add(WireNames.ConnectionNameHeader, Uri.EscapeDataString(name));
        if (settings is { Tls: true, Credentials: var (user, password) })
            headers.Add(WireNames.AuthorizationHeader, "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        return headers;
    }

    public void Dispose()
    {
        _disposed.Cancel();
        lock (_channels)
        {
            foreach (var channel in _channels.Values) channel.Dispose();
        }
    }

    private async Task<GrpcChannel> DiscoverAsync()
    {
        using var late = new CancellationTokenSource(settings.DefaultDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _disposed.Token);
        var (rounds, last) = (0, (Exception?)null);
        try
        {
            while (rounds < settings.MaxDiscoverAttempts)
            {
                if (rounds > 0) await Task.Delay(settings.DiscoveryInterval, time, either.Token);
                rounds++;
                foreach (var _ in settings.Nodes)
                {
                    try
                    {
                        if (Choose(await MembersAsync(settings.Nodes[_seed], either.Token)) is { } chosen) return Use(chosen);
                    }
                    catch (Exception failure) when (failure is RpcException or OperationCanceledException)
                    {
                        last = failure;
                    }
                    _seed = (_seed + 1) % settings.Nodes.Count;
                    either.Token.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The deadline passed, of which is told below, or the client was disposed of.
        }
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, typeof(EventStoreLog));
        var reason = last is RpcException rpc ? $"; the last failure was {rpc.StatusCode}: {rpc.Status.Detail}" : last is null ? "" : "; the last one asked did not answer in time";
        throw new NoNodeException(
            FormattableString.Invariant($"None of {string.Join(", ", settings.Nodes)} named a living {settings.NodePreference} in {rounds} {(rounds == 1 ? "round" : "rounds")}{reason}."), last);
    }

    private GrpcChannel Use(NodeAddress chosen)
    {
        lock (_channels) return _current = ChannelTo(chosen);
    }

    private async Task<ClusterInfo> MembersAsync(NodeAddress seed, CancellationToken cancellation) =>
        await new Gossip.GossipClient(ChannelTo(seed)).ReadAsync(
            new Empty(), Headers(), time.GetUtcNow().UtcDateTime + settings.GossipTimeout, cancellation);

    private NodeAddress? Choose(ClusterInfo cluster)
    {
        var alive = cluster.Members.Where(member => member.IsAlive && member.HttpEndPoint is not null).ToList();
        var preferred = alive.Where(member => settings.NodePreference switch
        {
            NodePreference.Leader => member.State == MemberInfo.Types.VNodeState.Leader,
            NodePreference.Follower => member.State == MemberInfo.Types.VNodeState.Follower,
            NodePreference.ReadOnlyReplica => member.State == MemberInfo.Types.VNodeState.ReadOnlyReplica,
            _ => true,
        }).ToList();
        // Appends need the leader; any other preference falls back to whoever serves.
        if (preferred.Count == 0 && settings.NodePreference != NodePreference.Leader)
            preferred = [.. alive.Where(member => member.State is MemberInfo.Types.VNodeState.Leader or MemberInfo.Types.VNodeState.Follower)];
        if (preferred.Count == 0) return null;
        var chosen = preferred[RandomNumberGenerator.GetInt32(preferred.Count)].HttpEndPoint;
        return new NodeAddress(chosen.Address, (int)chosen.Port);
    }

    private GrpcChannel ChannelTo(NodeAddress node)
    {
        lock (_channels)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, typeof(EventStoreLog));
            if (_channels.TryGetValue(node, out var known)) return known;
            return _channels[node] = GrpcChannel.ForAddress(settings.AddressOf(node), new GrpcChannelOptions
            {
                HttpHandler = Handler(),
                DisposeHttpClient = true,
                MaxReceiveMessageSize = MessageBytesMax,
                MaxSendMessageSize = MessageBytesMax,
                LoggerFactory = loggers,
                ThrowOperationCanceledOnCancellation = true,
            });
        }
    }

    private SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 4 * 1024 * 1024,
            KeepAlivePingDelay = settings.KeepAliveInterval ?? System.Threading.Timeout.InfiniteTimeSpan,
            KeepAlivePingTimeout = settings.KeepAliveTimeout,
            ConnectTimeout = settings.DefaultDeadline,
            PooledConnectionIdleTimeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        if (!settings.Tls) return handler;
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = ServerTrust.Callback(settings, files),
            ClientCertificateContext = files.Client,
        };
        return handler;
    }
}
