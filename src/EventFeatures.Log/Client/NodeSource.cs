using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using EventFeatures.Core.Events;
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

    private readonly SemaphoreSlim _choosing = new(1, 1);
    private readonly Dictionary<NodeAddress, GrpcChannel> _channels = [];
    private volatile GrpcChannel? _current;

    /// <summary>The channel for the next call.</summary>
    public async ValueTask<GrpcChannel> GetAsync(CancellationToken cancellation)
    {
        if (_current is { } current) return current;
        await _choosing.WaitAsync(cancellation);
        try
        {
            return _current ??= ChannelTo(settings.Discover ? await DiscoverAsync(cancellation) : settings.Nodes[0]);
        }
        finally
        {
            _choosing.Release();
        }
    }

    /// <summary>Learns from a call that failed on a channel: follow a named leader, or begin again with who was named at first, or discover.</summary>
    public async Task LearnAsync(GrpcChannel channel, Exception failure, CancellationToken cancellation)
    {
        var leader = failure is RpcException rpc ? LeaderNamedBy(rpc) : null;
        await _choosing.WaitAsync(cancellation);
        try
        {
            // Somebody else may have learnt already.
            if (_current == channel) _current = leader is { } address ? ChannelTo(address) : null;
        }
        finally
        {
            _choosing.Release();
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
        foreach (var channel in _channels.Values) channel.Dispose();
        _choosing.Dispose();
    }

    private async Task<NodeAddress> DiscoverAsync(CancellationToken cancellation)
    {
        Exception? last = null;
        for (var attempt = 1; attempt <= settings.MaxDiscoverAttempts; attempt++)
        {
            foreach (var seed in settings.Nodes)
            {
                try
                {
                    if (Choose(await MembersAsync(seed, cancellation)) is { } chosen) return chosen;
                }
                catch (Exception failure) when ((failure is RpcException or OperationCanceledException) && !cancellation.IsCancellationRequested)
                {
                    last = failure;
                }
            }
            await Task.Delay(settings.DiscoveryInterval, time, cancellation);
        }
        throw new LogUnavailableException(
            FormattableString.Invariant($"None of {string.Join(", ", settings.Nodes)} named a living {settings.NodePreference} in {settings.MaxDiscoverAttempts} rounds. Check the cluster, or the connection string."), last);
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
