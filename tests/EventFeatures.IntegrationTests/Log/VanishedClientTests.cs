using System.Net.Sockets;
using EventFeatures.Log.EmbeddedNode;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>A client whose machine is gone says nothing more, not even that it is gone.</summary>
public sealed class VanishedClientTests : NodeTestBase
{
    private const int FrameHeader = 9;
    private const byte Settings = 4;
    private const byte Ping = 6;

    [Fact]
    public async Task A_connection_whose_client_answers_nothing_is_asked_and_then_ended()
    {
        var second = TimeSpan.FromSeconds(1);
        await using var node = await EmbeddedNode.StartAsync(Options with { KeepAliveInterval = second, KeepAliveTimeout = second }, Late);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", node.Port, Late);
        var connection = client.GetStream();

        // HTTP/2's opening, with settings that say nothing.
        await connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), Late);
        await connection.WriteAsync(new byte[] { 0, 0, 0, Settings, 0, 0, 0, 0, 0 }, Late);

        (await FramesUntilTheEndAsync(connection)).ShouldContain(Ping);
    }

    private async Task<List<byte>> FramesUntilTheEndAsync(NetworkStream connection)
    {
        List<byte> kinds = [];
        var header = new byte[FrameHeader];
        try
        {
            while (await connection.ReadAtLeastAsync(header, FrameHeader, throwOnEndOfStream: false, Late) == FrameHeader)
            {
                kinds.Add(header[3]);
                await connection.ReadExactlyAsync(new byte[(header[0] << 16) + (header[1] << 8) + header[2]], Late);
            }
        }
        catch (IOException)
        {
            // A connection that is reset has ended too.
        }
        return kinds;
    }
}
