using System.Net;
using System.Net.Sockets;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>A TCP link between a client and a server that a test can cut, or freeze without closing it.</summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<Socket> _sockets = [];
    private readonly Func<Socket> _dial;
    private volatile TaskCompletionSource _flowing = Completed();
    private volatile bool _refusing;

    private FaultyLink(Func<Socket> dial)
    {
        _dial = dial;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>A link to a PostgreSQL server, by TCP or by its socket's folder.</summary>
    public static FaultyLink ToPostgres(string host, int port) => new(() =>
    {
        var socket = host.StartsWith('/') ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (host.StartsWith('/')) socket.Connect(new UnixDomainSocketEndPoint(FormattableString.Invariant($"{host}/.s.PGSQL.{port}")));
        else socket.Connect(host, port);
        return socket;
    });

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Closes every connection; new ones are refused until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _refusing = true;
        CloseAll();
    }

    /// <summary>Closes every connection once; new ones pass.</summary>
    public void Blip() => CloseAll();

    /// <summary>Lets bytes wait in both directions, with the connections open.</summary>
    public void Freeze() => _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Undoes <see cref="Cut"/> and <see cref="Freeze"/>.</summary>
    public void Mend()
    {
        _refusing = false;
        _flowing.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        Mend();
        CloseAll();
    }

    private async Task AcceptAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptSocketAsync(_stopped.Token);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            if (_refusing)
            {
                near.Dispose();
                continue;
            }
            var far = _dial();
            lock (_sockets) _sockets.AddRange([near, far]);
            _ = PumpAsync(near, far);
            _ = PumpAsync(far, near);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopped.Token) is var count and > 0)
            {
                await _flowing.Task.WaitAsync(_stopped.Token);
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stopped.Token);
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other direction ends with this one.
        }
        from.Dispose();
        to.Dispose();
    }

    private void CloseAll()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
