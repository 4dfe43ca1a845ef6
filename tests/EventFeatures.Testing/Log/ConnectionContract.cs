using System.Buffers.Binary;
using System.Net.Sockets;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Net.Client;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>What a connection carries.</summary>
public abstract class ConnectionContract(string connectionString) : LogContract(connectionString)
{
    private const int HeaderBytes = 9;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte Acknowledged = 1;

    private readonly NodeAddress _node = ConnectionSettings.Parse(connectionString).Nodes[0];

    [Fact, Trait("Fact", "1")]
    public async Task Pings_are_answered_however_many_come_over_a_connection_without_an_upgrade()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_node.Host.Trim('[', ']'), _node.Port, Late);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), Late);
        await stream.WriteAsync(Frame(Settings, []), Late);

        for (byte number = 1; number <= 20; number++)
        {
            await stream.WriteAsync(Frame(Ping, [number, 0, 0, 0, 0, 0, 0, number]), Late);
            (await PongAsync(stream)).ShouldBe(new[] { number, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0, number });
        }
    }

    [Fact, Trait("Fact", "1")]
    public async Task One_connection_carries_many_subscriptions_and_appends_beside_them()
    {
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = GrpcChannel.ForAddress(FormattableString.Invariant($"http://{_node}"), new GrpcChannelOptions { HttpHandler = handler });
        var wire = new Streams.StreamsClient(channel);
        var calls = Enumerable.Range(0, 90).Select(_ => wire.Read(ReadRequests.SubscribeToStream(Stream(), null, false), cancellationToken: Late)).ToList();
        foreach (var call in calls)
        {
            (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
            call.ResponseStream.Current.ContentCase.ShouldBe(ReadResp.ContentOneofCase.Confirmation);
        }

        await Log.AppendToStreamAsync(Stream(), Core.Events.StreamState.NoStream, [Event()], Late);

        foreach (var call in calls)
        {
            while (await call.ResponseStream.MoveNext(Late) && call.ResponseStream.Current.ContentCase != ReadResp.ContentOneofCase.Event) { }
            call.ResponseStream.Current.Event.Event.StreamRevision.ShouldBe(0ul);
            call.Dispose();
        }
    }

    private static byte[] Frame(byte type, byte[] payload) => [0, 0, (byte)payload.Length, type, 0, 0, 0, 0, 0, .. payload];

    private async Task<byte[]> PongAsync(NetworkStream stream)
    {
        var header = new byte[HeaderBytes];
        while (true)
        {
            await stream.ReadExactlyAsync(header, Late);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian([0, .. header[..3]])];
            await stream.ReadExactlyAsync(payload, Late);
            header[3].ShouldNotBe(GoAway);
            if (header[3] == Ping && header[4] == Acknowledged) return payload;
        }
    }
}
