using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace EventFeatures.Log.Http2;

/// <summary>
/// Leaves it to the client to close an HTTP/2 connection that the server is done with, for a moment. A client whose
/// call has ended may not have read so yet when it sees the connection go, and then some clients, .NET's among them,
/// drop the status that they hold and say that the connection failed. One that was told GOAWAY and has read the end
/// of all its calls closes the connection itself, so nobody waits for long who need not.
/// </summary>
public static class ClientsClose
{
    /// <summary>
    /// The longest that a finished connection is held for its client to close it. A server's deadline for closing its
    /// connections must be longer. 2 s.
    /// </summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(2);

    /// <summary>Serves a connection and then waits for its client to close it.</summary>
    public static async Task ServeAsync(ConnectionContext connection, Func<ConnectionContext, Task> serve, TimeProvider time)
    {
        var transport = connection.Transport;
        connection.Transport = new HeldTransport(transport);
        await serve(connection);
        await WaitAsync(transport.Input, time);
    }

    // What still comes is read and dropped: closing a socket with unread bytes resets it, and takes with it what the
    // client has not read yet.
    private static async Task WaitAsync(PipeReader input, TimeProvider time)
    {
        using var late = new CancellationTokenSource(WaitMax, time);
        try
        {
            while (await input.ReadAsync(late.Token) is { IsCompleted: false, IsCanceled: false } read) input.AdvanceTo(read.Buffer.End);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client had its time, or left without a word.
        }
    }

    /// <summary>The transport as the HTTP/2 server sees it, which may end its use but not the transport.</summary>
    private sealed class HeldTransport(IDuplexPipe transport) : IDuplexPipe
    {
        public PipeReader Input { get; } = new HeldReader(transport.Input);

        public PipeWriter Output { get; } = new HeldWriter(transport.Output);
    }

    private sealed class HeldReader(PipeReader input) : PipeReader
    {
        private ReadResult? _unfinished;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var read = await input.ReadAsync(cancellationToken);
            _unfinished = read;
            return read;
        }

        public override bool TryRead(out ReadResult result)
        {
            if (!input.TryRead(out result)) return false;
            _unfinished = result;
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            _unfinished = null;
            input.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => input.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            if (_unfinished is not { } read) return;
            _unfinished = null;
            input.AdvanceTo(read.Buffer.End);
        }
    }

    private sealed class HeldWriter(PipeWriter output) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

        public override long UnflushedBytes => output.UnflushedBytes;

        public override void Advance(int bytes) => output.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => output.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            output.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => output.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
