using EventFeatures.Testing.Log;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>A node that stops tells every open call so, before its connection goes.</summary>
public sealed class ShutdownTests : NodeTestBase
{
    // Each on a connection of its own, since it is the connection's end that may overtake the call's.
    private const int Callers = 40;

    [Fact]
    public async Task Every_open_call_of_every_client_hears_that_the_node_is_unavailable()
    {
        var node = await EmbeddedNode.StartAsync(Options, Late);
        var channels = Enumerable.Range(0, Callers).Select(_ => Channel(node)).ToList();
        var ends = new List<Task<RpcException>>();
        foreach (var channel in channels)
        {
            ends.Add(await SubscribeAsync(Wire(channel)));
            ends.Add(await AppendAsync(Wire(channel)));
        }

        await node.DisposeAsync();

        foreach (var end in await Task.WhenAll(ends)) end.StatusCode.ShouldBe(StatusCode.Unavailable, end.ToString());
        channels.ForEach(channel => channel.Dispose());
    }

    private async Task<Task<RpcException>> SubscribeAsync(Streams.StreamsClient client)
    {
        var call = client.Read(new ReadReq
        {
            Options = new()
            {
                All = new() { Start = new() }, Subscription = new(), NoFilter = new(), UuidOption = new() { Structured = new() },
                ReadDirection = ReadReq.Types.Options.Types.ReadDirection.Forwards,
            },
        }, cancellationToken: Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        return EndAsync(call.ResponseStream);
    }

    /// <summary>An open stream of appends, of which one was answered and nothing more comes.</summary>
    private async Task<Task<RpcException>> AppendAsync(Streams.StreamsClient client)
    {
        var call = client.BatchAppend(cancellationToken: Late);
        var batch = new BatchAppendReq
        {
            CorrelationId = Uuids.Structured(Guid.NewGuid()), IsFinal = true,
            Options = new() { StreamIdentifier = StreamNames.ToIdentifier("idle-1"), Any = new() },
        };
        batch.ProposedMessages.Add(WireBatches.Proposed(Event()));
        await call.RequestStream.WriteAsync(batch, Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        return EndAsync(call.ResponseStream);
    }

    private async Task<RpcException> EndAsync<T>(IAsyncStreamReader<T> responses) =>
        await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await responses.MoveNext(Late)) { }
        });
}
