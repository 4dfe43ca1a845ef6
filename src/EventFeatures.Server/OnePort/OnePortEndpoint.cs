using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using EventFeatures.Log.Http2;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventFeatures.Server.OnePort;

/// <summary>
/// One cleartext port for gRPC (HTTP/2 with prior knowledge) and for HTTP/1.1: the first bytes of a connection
/// say which it is.
/// </summary>
internal static class OnePortEndpoint
{
    // As long as Kestrel itself lets a connection sit idle before its first request.
    private static readonly TimeSpan FirstBytesMax = TimeSpan.FromSeconds(130);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n"u8;

    public static void ListenOnOnePort(this KestrelServerOptions kestrel, IPEndPoint address, Http2Handover handover, TimeProvider time)
    {
        kestrel.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => RouteAsync(connection, next, handover, time));
        });
        kestrel.Listen(handover.EndPoint, listen => listen.Protocols = HttpProtocols.Http2);
    }

    private static async Task RouteAsync(ConnectionContext connection, ConnectionDelegate http1, Http2Handover handover, TimeProvider time)
    {
        bool http2;
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            deadline.CancelAfter(FirstBytesMax);
            try
            {
                http2 = await IsHttp2Async(connection.Transport.Input, deadline.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // Nobody said anything, or the caller left: there is nothing to answer.
                return;
            }
        }
        await (http2 ? ClientsClose.ServeAsync(connection, handover.ServeAsync, time) : http1(connection)).ConfigureAwait(false);
    }

    /// <summary>Looks at the first bytes without consuming them.</summary>
    private static async Task<bool> IsHttp2Async(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellation).ConfigureAwait(false);
            var start = result.Buffer.Start;
            var seen = Math.Min(result.Buffer.Length, Preface.Length);
            var matches = StartsLikePreface(result.Buffer.Slice(0, seen));
            if (!matches || seen == Preface.Length || result.IsCompleted)
            {
                input.AdvanceTo(start);
                return matches && seen == Preface.Length;
            }
            input.AdvanceTo(start, result.Buffer.End);
        }
    }

    private static bool StartsLikePreface(ReadOnlySequence<byte> bytes)
    {
        Span<byte> copy = stackalloc byte[(int)bytes.Length];
        bytes.CopyTo(copy);
        return Preface[..copy.Length].SequenceEqual(copy);
    }
}
