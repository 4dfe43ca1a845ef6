using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace EventFeatures.Server.OnePort;

/// <summary>
/// An endpoint without a socket: its connections are those that the public endpoint recognised as HTTP/2.
/// Kestrel speaks only HTTP/1.1 on a cleartext endpoint that allows both, so each protocol gets an endpoint.
/// </summary>
internal sealed class Http2Handover : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    // Handing over never waits in practice, since Kestrel accepts at once; the bound is a safety net.
    private readonly Channel<HandedOver> _connections = Channel.CreateBounded<HandedOver>(1024);

    public EndPoint EndPoint { get; } = new HandoverEndPoint();

    public bool CanBind(EndPoint endpoint) => endpoint is HandoverEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(this);

    /// <summary>Gives a connection away and completes when it has been served.</summary>
    public async Task ServeAsync(ConnectionContext connection)
    {
        var handed = new HandedOver(connection);
        await _connections.Writer.WriteAsync(handed, connection.ConnectionClosed).ConfigureAwait(false);
        await handed.Served.ConfigureAwait(false);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            if (_connections.Reader.TryRead(out var connection)) return connection;
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class HandoverEndPoint : EndPoint
    {
        public override string ToString() => "http2-on-the-api-port";
    }
}
