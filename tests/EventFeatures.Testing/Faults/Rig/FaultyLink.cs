using System.Net;
using System.Net.Sockets;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>
/// A TCP link between clients and a server that a test can cut, slow down, or freeze without closing it. Where it leads
/// is asked for each new connection, so that its own port stays while the server behind it moves.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Func<Socket> _dial;
    private volatile TaskCompletionSource _flowing = Completed();
    private volatile bool _refusing;
    private long _delayTicks;
    private long _passed;
    private volatile Mark? _mark;

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
        return Dial(socket, host.StartsWith('/') ? new UnixDomainSocketEndPoint(FormattableString.Invariant($"{host}/.s.PGSQL.{port}")) : new DnsEndPoint(host, port));
    });

    /// <summary>A link to whichever port of this machine is named at the time.</summary>
    public static FaultyLink ToPort(Func<int> port) => new(() =>
        Dial(new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, new IPEndPoint(IPAddress.Loopback, port())));

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long each stretch of bytes is held up, in both directions.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Closes every connection; new ones are refused until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _refusing = true;
        CloseAll();
    }

    /// <summary>Closes every connection once; new ones pass.</summary>
    public void Blip() => CloseAll();

    /// <summary>
    /// Does something in the middle of a stretch of bytes, once so many more have come, counted over both directions of all
    /// connections; it comes at the same place however quick the machine is. A later mark takes the place of one that was not reached.
    /// </summary>
    public void After(long bytes, Action then) => _mark = new Mark(Interlocked.Read(ref _passed) + bytes, then);

    /// <summary>Lets bytes wait in both directions, with the connections open.</summary>
    public void Freeze() => _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Undoes <see cref="Cut"/>, <see cref="Freeze"/> and <see cref="Delay"/>.</summary>
    public void Mend()
    {
        _refusing = false;
        Delay = TimeSpan.Zero;
        _flowing.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        Mend();
        CloseAll();
    }

    private static Socket Dial(Socket socket, EndPoint end)
    {
        try
        {
            socket.Connect(end);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
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
            near.NoDelay = true;
            Connect(near);
        }
    }

    private void Connect(Socket near)
    {
        try
        {
            if (_refusing) throw new SocketException((int)SocketError.ConnectionRefused);
            var far = _dial();
            lock (_sockets) _sockets.UnionWith([near, far]);
            // Cut since it was asked, and before these two were known.
            if (_refusing) CloseAll();
            _ = PumpAsync(near, far);
            _ = PumpAsync(far, near);
        }
        catch (SocketException)
        {
            // Nobody listens behind the link now; the near side learns it as a closed connection.
            near.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopped.Token) is var count and > 0)
            {
                if (Interlocked.Add(ref _passed, count) is var passed && _mark is { } mark && passed >= mark.At && Interlocked.CompareExchange(ref _mark, null, mark) == mark) mark.Then();
                await _flowing.Task.WaitAsync(_stopped.Token);
                if (Delay is { Ticks: > 0 } delay) await Task.Delay(delay, _stopped.Token);
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stopped.Token);
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other direction ends with this one.
        }
        lock (_sockets) _sockets.ExceptWith([from, to]);
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

    private sealed record Mark(long At, Action Then);

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
